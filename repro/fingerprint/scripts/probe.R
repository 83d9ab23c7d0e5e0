# Which numbers does your Keras compute? A small training whose outcome depends on your software alone.
#
#     Rscript probe.R > fingerprint.json           the R package keras3 if it is installed, otherwise keras
#     Rscript probe.R keras > fingerprint.json     the package that you name
#     source("probe.R", local = new.env())         in RStudio: writes fingerprint.json into the working folder
#
# Then: repro fingerprint fingerprint.json
#
# It takes up to half a minute, downloads nothing and writes nothing else. Data and initial weights come from
# whole-number arithmetic and no random numbers, so they are the same everywhere. An embedding, an LSTM and a dense layer,
# with their default arguments, are trained with RMSprop and with Adam, with their default arguments.

arguments <- commandArgs(trailingOnly = TRUE)
package <- if (length(arguments) && !interactive()) {
  arguments[[1]]
} else if (requireNamespace("keras3", quietly = TRUE)) {
  "keras3"
} else {
  "keras"
}

# The processor: a graphics card may round to three digits (TF32)
Sys.setenv(CUDA_VISIBLE_DEVICES = "-1", JAX_PLATFORMS = "cpu")
Sys.setenv(KERAS_TORCH_DEVICE = "cpu")  # of Keras 3 on PyTorch, which takes a Mac's graphics card
if (!nzchar(Sys.getenv("TF_CPP_MIN_LOG_LEVEL"))) Sys.setenv(TF_CPP_MIN_LOG_LEVEL = "2")
suppressPackageStartupMessages(library(package, character.only = TRUE))
try({  # TensorFlow on a Mac's graphics card does not ask the environment; before 2.1, it knows no such card
  used <- if (package == "keras3") config_backend() else backend()$backend()
  if (used == "tensorflow") reticulate::import("tensorflow")$config$set_visible_devices(list(), "GPU")
}, silent = TRUE)

VERSION <- 1  # of the numbers below: whatever changes them makes it a new version
WORDS <- 10L; LENGTH <- 8L; DIMENSIONS <- 4L; UNITS <- 3L
ROWS <- 8L; BATCH_SIZE <- 4L; EPOCHS <- 24L

# Data and initial weights: state -> 16807 * state modulo 2^31 - 1 (Park and Miller, 1988), exact in R's numbers
state <- 2030

draw <- function(below) {  # the next whole number from 0 to below - 1
  state <<- (16807 * state) %% 2147483647
  state %% below
}

numbers_between <- function(rows, columns, scale) {  # from -scale to scale, which float32 holds exactly, row by row
  values <- vapply(seq_len(rows * columns), function(i) (draw(257) - 128) / 128 * scale, 0)
  matrix(values, nrow = rows, ncol = columns, byrow = TRUE)
}

# Each row begins with up to three zeros, as padding. The two batches share some words, and repeat words.
x <- matrix(0L, nrow = ROWS, ncol = LENGTH)
y <- matrix(0, nrow = ROWS, ncol = 1L)
for (row in seq_len(ROWS)) {
  for (place in ((row - 1L) %% 4L + 1L):LENGTH) {
    x[row, place] <- as.integer(1 + draw(6) + (if (row > BATCH_SIZE) 3 else 0))
  }
  y[row, 1] <- draw(2)
}

embedding <- numbers_between(WORDS, DIMENSIONS, 2)
kernel <- numbers_between(DIMENSIONS, 4L * UNITS, 1)
recurrent_kernel <- numbers_between(UNITS, 4L * UNITS, 1)
bias <- array(numbers_between(1L, 4L * UNITS, 1), dim = 4L * UNITS)
dense_kernel <- numbers_between(UNITS, 1L, 2)
dense_bias <- array(numbers_between(1L, 1L, 1), dim = 1L)
# Almost nothing depends on the last unit at first: its gradients are so small that an optimizer's epsilon shows.
recurrent_kernel[UNITS, ] <- recurrent_kernel[UNITS, ] / 16384
dense_kernel[UNITS, ] <- dense_kernel[UNITS, ] / 16384
weights <- list(embedding, kernel, recurrent_kernel, bias, dense_kernel, dense_bias)

# Model and training
compiled <- function(optimizer) {
  model <- keras_model_sequential()
  layer_embedding(model, input_dim = WORDS, output_dim = DIMENSIONS)
  layer_lstm(model, units = UNITS)
  layer_dense(model, units = 1L, activation = "sigmoid")
  if (!model$built) model$build(reticulate::tuple(NULL, LENGTH))  # Keras 3 makes the weights with the first input
  compile(model, optimizer = optimizer, loss = "binary_crossentropy")
  model
}

numbers <- function(values) {  # nine digits of each, row by row: float32 has no more
  I(as.numeric(sprintf("%.9g", as.vector(t(values)) + 0)))
}

facts <- function(thing) {  # its class and its settings, as far as they are single values
  kind <- thing$`__class__`
  config <- Filter(function(value) is.atomic(value) && length(value) == 1, thing$get_config())
  c(list(class = paste0(kind$`__module__`, ".", kind$`__name__`)), lapply(config, as.vector))
}

version_of <- function(package) {
  tryCatch(as.character(utils::packageVersion(package)), error = function(e) "not known")
}

models <- list(rmsprop = compiled("rmsprop"), adam = compiled("adam"))
lstm <- models$rmsprop$layers[[2]]

# The Python module that the R package calls
root <- strsplit(models$rmsprop$`__class__`$`__module__`, ".", fixed = TRUE)[[1]][[1]]
python <- reticulate::import(root)
keras_module <- if (root == "tensorflow") python$keras else python
keras_backend <- keras_module$backend
backend <- keras_backend$backend()

result <- list(
  probe = "repro fingerprint",
  version = VERSION,
  language = paste0("R ", R.version$major, ".", R.version$minor),
  keras = list(
    name = if (root == "tensorflow") "tf.keras" else root,
    version = tryCatch(keras_module$`__version__`, error = function(e) "not known")
  ),
  backend = list(name = backend, version = reticulate::import(backend)$`__version__`),
  packages = sapply(c(package, "tensorflow", "reticulate"), version_of, simplify = FALSE),
  defaults = list(floatx = keras_backend$floatx(), epsilon = keras_backend$epsilon()),
  epochs = EPOCHS,
  layers = list(embedding = facts(models$rmsprop$layers[[1]]), lstm = facts(lstm)),
  forget_bias = numbers(get_weights(models$rmsprop)[[4]][UNITS + seq_len(UNITS)])  # as Keras makes it
)

for (optimizer in c("rmsprop", "adam")) {
  model <- models[[optimizer]]
  set_weights(model, weights)
  result$probabilities <- numbers(predict(model, x, verbose = 0))  # of the initial weights
  history <- fit(model, x, y, batch_size = BATCH_SIZE, epochs = EPOCHS, shuffle = FALSE, verbose = 0,
                 view_metrics = FALSE)
  result[[optimizer]] <- list(
    settings = facts(model$optimizer),
    losses = numbers(history$metrics$loss),  # of each epoch: the mean of its two steps
    weights = lapply(get_weights(model), numbers)  # after the last step
  )
}

# A checksum of all numbers' text, to notice a file that was cut or edited
checked <- result$probabilities
for (optimizer in c("rmsprop", "adam")) {
  checked <- c(checked, result[[optimizer]]$losses, unlist(result[[optimizer]]$weights))
}
checksum <- 0
for (code in utf8ToInt(paste(sprintf("%.9g", checked), collapse = " "))) {
  checksum <- (257 * checksum + code) %% 2147483647
}
result$checksum <- checksum

text <- jsonlite::toJSON(result, auto_unbox = TRUE, pretty = 1, digits = NA, na = "null")
if (interactive()) {
  writeLines(text, "fingerprint.json")
  message("Written: ", file.path(getwd(), "fingerprint.json"))
} else {
  cat(text, "\n", sep = "")
}
