"""How much of a text a model reads and knows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro.text import Tokenizer, hashed, pad_sequences, read_by, read_hashed, words_of

TOKENIZER = Tokenizer.of_words(["film", "the", "good", "rare"], 4)  # rare has the number 4, which is not given


def test_by_a_tokenizer_unknown_words_are_left_out_and_take_no_place() -> None:
    found = read_by(TOKENIZER, ["The good, rare film", "", "Unheard of!", "film unheard the good rare"], 2)
    assert found.x[:].tolist() == [[3, 1], [0, 0], [0, 0], [2, 3]]
    assert found.words.tolist() == [4, 0, 2, 5]
    assert found.read.tolist() == [3, 0, 2, 3]  # from the first word that stands in the row to the end
    assert found.known.tolist() == [2, 0, 0, 2]


def test_hashed_words_are_all_known() -> None:
    texts = ["Never heard of it", "!", "one two three four five six"]
    found = read_hashed(texts, 50, 5)
    assert found.x[:].tolist() == pad_sequences(hashed(texts, 50), 5).tolist()
    assert found.words.tolist() == [4, 0, 6]
    assert found.read.tolist() == found.known.tolist() == [4, 0, 5]


@given(st.lists(st.text(alphabet="filmthegood .,\t"), max_size=5))
def test_what_is_read_are_the_last_words_and_what_is_known_stands_in_the_row(texts: list[str]) -> None:
    found = read_by(TOKENIZER, texts, 3)
    assert found.x[:].tolist() == pad_sequences(TOKENIZER.encode(texts), 3).tolist()
    for row, text in enumerate(texts):
        words = words_of(text)
        assert found.words[row] == len(words)
        read = words[len(words) - found.read[row] :]
        assert [TOKENIZER.word_index[word] for word in read if TOKENIZER.keeps(word)] == [
            n for n in found.x[:][row] if n
        ]
        assert found.known[row] == sum(map(TOKENIZER.keeps, read))
