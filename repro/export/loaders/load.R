# Classifies texts with the model in this folder, from R:
#
#   Rscript load.R "A wonderful film." "A dull one."
#
# It needs the packages jsonlite and reticulate, which keras3 brings with it, and a Python with keras and tensorflow
# that reticulate knows (RETICULATE_PYTHON). In your own script: source("load.R") in this folder, then rows(texts) and
# probabilities(rows(texts)).

here <- sub("^--file=", "", grep("^--file=.*load\\.R$", commandArgs(FALSE), value = TRUE))
here <- if (length(here)) dirname(gsub("~+~", " ", here, fixed = TRUE)) else getwd()
rules <- jsonlite::fromJSON(file.path(here, "preprocessing.json"), simplifyVector = FALSE)
hashes <- rules$numbers == "md5"
vocabulary <- if (!hashes) unlist(jsonlite::fromJSON(file.path(here, rules$numbers)))

# The words of a text, cleaned and split as those that the model was trained on. R lower-cases letters one by one, those
# beyond ASCII where the locale is UTF-8. It differs from Python where a letter becomes two or depends on its neighbours:
# the Turkish dotted I, a final sigma.
words <- function(text) {
  text <- enc2utf8(text)
  if (rules$lower) text <- tolower(text)
  for (pair in rules$replacements) text <- gsub(pair[[1]], pair[[2]], text, fixed = TRUE)
  if (rules$single_spaces) text <- gsub("^ | $", "", gsub("(*UCP)[\\s\\x1c-\\x1f]+", " ", text, perl = TRUE))
  for (character in strsplit(rules$filters, "")[[1]]) text <- gsub(character, rules$split, text, fixed = TRUE)
  found <- strsplit(text, rules$split, fixed = TRUE)[[1]]
  found[found != ""]
}

# The number that a hash gives a word: md5 modulo (num_words - 1), digit by digit, plus 1.
hashed <- function(word) {
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(charToRaw(word), file)
  digits <- strtoi(strsplit(tools::md5sum(file), "")[[1]], 16L)
  Reduce(function(rest, digit) (16 * rest + digit) %% (rules$num_words - 1), digits, 0) + 1
}

# The numbers of words; those that are left out are missing here.
numbers <- function(words) {
  if (hashes) return(vapply(words, hashed, 0))
  found <- vocabulary[match(words, names(vocabulary))]
  if (is.null(rules$unknown)) found[!is.na(found)] else ifelse(is.na(found), rules$unknown, found)
}

# What the model takes: an integer matrix with a row for each text, `maxlen` columns.
rows <- function(texts) {
  x <- matrix(as.integer(rules$pad), length(texts), rules$maxlen)
  for (row in seq_along(texts)) {
    found <- as.integer(c(unlist(rules$start), numbers(words(texts[[row]]))))
    found <- if (rules$truncating == "pre") tail(found, rules$maxlen) else head(found, rules$maxlen)
    first <- if (rules$padding == "pre") rules$maxlen - length(found) else 0
    x[row, first + seq_along(found)] <- found
  }
  x
}

# A matrix with the probability of each class or label. Rows go to Python and back as lists: before version 1.38,
# reticulate cannot give matrices to NumPy 2.
probabilities <- function(x) {
  numpy <- reticulate::import("numpy", convert = FALSE)
  keras <- reticulate::import("keras", convert = FALSE)
  model <- keras$saving$load_model(file.path(here, "model.keras"))
  lists <- lapply(seq_len(nrow(x)), function(row) as.list(x[row, ]))
  given <- model$predict(numpy$array(lists, "int32"), verbose = 0L)$tolist()
  given <- do.call(rbind, lapply(reticulate::py_to_r(given), unlist))
  if (ncol(given) < length(rules$names)) given <- cbind(1 - given, given)
  colnames(given) <- unlist(rules$names)
  given
}

if (sys.nframe() == 0) { # called by Rscript
  texts <- commandArgs(TRUE)
  if (!length(texts)) stop("give texts: Rscript load.R \"A wonderful film.\"", call. = FALSE)
  x <- rows(texts)
  found <- round(probabilities(x), 4)
  found[rowSums(x > rules$index_from) == 0, ] <- NA # no word that the model knows: such texts all look the same to it
  print(found)
}
