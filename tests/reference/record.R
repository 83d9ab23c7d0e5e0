#!/usr/bin/env Rscript
# IMDB reviews: positive or negative? Four LSTM models, in R.
#
# The R twin of chapters/imdb_lstm.py: the same data, models and settings under the same names and in the same order, in
# plain calls of keras for R. It records the numbers that our tests compare with. README.md, beside this file, says what
# each recorded field is and how to install each stack.
#
#     Rscript record.R steps    OUT      [STACK]   data.json, MODEL.json and MODEL.npz, versions.json; 1 or 2 minutes
#     Rscript record.R training OUT SEED [STACK]   full_seedSEED.json: four trainings of ten epochs; 10 to 20 minutes
#
# OUT is a folder; it is made if it is not there. STACK is found from the installed packages if only one is there:
#
#     r2019_tf1   R package keras 2.2.5    over TensorFlow 1.14: what the walkthrough had
#     keras2      R package keras 2.15     over TensorFlow 2.15
#     keras3      R package keras3         over TensorFlow and Keras 3
#
# IMDB_NPZ names the reviews, a file in the format of Keras' imdb.npz; RETICULATE_PYTHON names the Python of the stack.

# %% What it needs
arguments <- commandArgs(trailingOnly = TRUE)
STACKS <- c("r2019_tf1", "keras2", "keras3")
IMDB_NPZ <- Sys.getenv("IMDB_NPZ")

refuse <- function(...) {
  message("record.R: ", ...)
  quit(status = 2)
}

installed_stack <- function() {
  here <- c(keras = requireNamespace("keras", quietly = TRUE), keras3 = requireNamespace("keras3", quietly = TRUE))
  if (all(here)) refuse("keras and keras3 are both installed; name the stack: ", toString(STACKS))
  if (here[["keras3"]]) return("keras3")
  if (!here[["keras"]]) refuse("install the R package keras or keras3; README.md says how")
  if (packageVersion("keras") < "2.3") "r2019_tf1" else "keras2"
}

task <- if (length(arguments)) arguments[[1]] else "none"
if (!task %in% c("steps", "training") || length(arguments) < (if (task == "steps") 2 else 3)) {
  refuse("usage: Rscript record.R steps OUT [STACK], or Rscript record.R training OUT SEED [STACK]")
}
if (!file.exists(IMDB_NPZ)) refuse("set IMDB_NPZ to a file in the format of Keras' imdb.npz")
if (!nzchar(Sys.getenv("RETICULATE_PYTHON"))) refuse("set RETICULATE_PYTHON to the Python of the stack")

out <- arguments[[2]]
dir.create(out, recursive = TRUE, showWarnings = FALSE)
rest <- arguments[-(1:2)]
seed <- if (task == "training") suppressWarnings(as.integer(rest[[1]])) else 1L
if (is.na(seed)) refuse("SEED is a whole number, not ", rest[[1]])
if (task == "training") rest <- rest[-1]
stack <- if (length(rest)) rest[[1]] else installed_stack()
if (!stack %in% STACKS) refuse("STACK is one of ", toString(STACKS), ", not ", stack)

# One thread and no GPU, so that sums are taken in one order. TensorFlow reads this when it starts, and keras3 starts it
# when it is loaded: so before library(). TensorFlow 1 takes the threads from set_seed() instead.
Sys.setenv(CUDA_VISIBLE_DEVICES = "-1", TF_NUM_INTRAOP_THREADS = "1", TF_NUM_INTEROP_THREADS = "1",
           KERAS_BACKEND = "tensorflow", TF_CPP_MIN_LOG_LEVEL = "2")
suppressPackageStartupMessages({
  library(reticulate)
  library(if (stack == "keras3") "keras3" else "keras", character.only = TRUE)
})
tf <- tensorflow::tf

# %% Data: 25,000 reviews to train on and 25,000 to test on, 12,500 of each class in both
NUM_WORDS <- 500  # numbers below 500: the 496 most frequent words, since those begin at 4; others become 2
MAXLEN <- 200     # zeros are put, and words cut off, at the front

data <- function() {
  read_from(IMDB_NPZ)
  c(c(x_train, y_train), c(x_test, y_test)) %<-% dataset_imdb(num_words = NUM_WORDS)
  list(
    x_train = x_train %>% pad_sequences(maxlen = MAXLEN), y_train = y_train, lengths_train = lengths(x_train),
    x_test = x_test %>% pad_sequences(maxlen = MAXLEN), y_test = y_test, lengths_test = lengths(x_test)
  )
}

# %% Models
# The gates' activation is not named here, as the walkthrough does not name it: R's layer_lstm() has hard_sigmoid by
# default in keras 2.2.5 and sigmoid in keras 2.15 and keras3. The Python twin spells out hard_sigmoid.
model_one <- function() {  # Model two has the same layers and another optimizer.
  keras_model_sequential() %>%
    layer_embedding(input_dim = NUM_WORDS, output_dim = 32) %>%
    layer_lstm(units = 32) %>%
    layer_dense(units = 1, activation = "sigmoid")
}

model_three <- function() {  # The first LSTM layer passes its output on at every word.
  keras_model_sequential() %>%
    layer_embedding(input_dim = NUM_WORDS, output_dim = 32) %>%
    layer_lstm(units = 32, return_sequences = TRUE) %>%
    layer_lstm(units = 32) %>%
    layer_dense(units = 1, activation = "sigmoid")
}

model_four <- function() {  # An LSTM layer in both directions.
  keras_model_sequential() %>%
    layer_embedding(input_dim = NUM_WORDS, output_dim = 32) %>%
    bidirectional(layer_lstm(units = 32)) %>%
    layer_dense(units = 1, activation = "sigmoid")
}

# %% Experiments: the models with their settings, the same for all four, but for the optimizer
experiment <- function(model, optimizer) {
  list(model = model, optimizer = optimizer, loss = "binary_crossentropy",
       epochs = 10, batch_size = 128, validation_split = 0.2)
}

EXPERIMENTS <- list(  # by the names of the recorded files
  one = experiment(model_one, "rmsprop"),
  two = experiment(model_one, "adam"),
  three = experiment(model_three, "adam"),
  four = experiment(model_four, "adam")
)

compiled <- function(experiment) {
  model <- experiment$model()
  model %>% compile(optimizer = experiment$optimizer, loss = experiment$loss, metrics = c("acc"))
  model
}

# %% What is recorded of the data
describe <- function(x, y, lengths) {
  list(
    x_sha256_int32_c = sha256(int32(x)),
    x_shape = dim(x),
    x_first_row = as.integer(x[1, ]),
    x_sum = sum(as.numeric(x)),
    y_sha256_int32 = sha256(int32(y)),
    y_table = as.list(setNames(as.integer(table(y)), names(table(y)))),
    raw_length = list(min = min(lengths), max = max(lengths), mean = mean(lengths))
  )
}

record_data <- function(d) {
  write_json("data.json", list(
    train = describe(d$x_train, d$y_train, d$lengths_train),
    test = describe(d$x_test, d$y_test, d$lengths_test),
    imdb_npz_sha256 = sha256(numpy$fromfile(IMDB_NPZ, dtype = "uint8")),
    num_words = NUM_WORDS, maxlen = MAXLEN
  ))
}

# %% What is recorded of the steps: 40 of them, from weights that R draws, and the model that they lead to
STEPS <- 40
KEPT_AFTER <- c(1, 10, 40)
TEST_ROWS <- 512

# R's own draws, so that every stack starts from the same numbers: in the order of get_weights(), each array filled by
# columns, as R does, and rounded to the float32 that the model computes with. Keras' initializers differ by version.
initial_weights <- function(model) {
  set.seed(20191)
  lapply(get_weights(model), function(weights) {
    shape <- if (is.null(dim(weights))) length(weights) else dim(weights)
    rounded <- py_to_r(np_array(array(rnorm(prod(shape), sd = 0.1), dim = shape), dtype = "float32"))
    array(rounded, dim = shape)
  })
}

record_steps <- function(name, d) {
  experiment <- EXPERIMENTS[[name]]
  set_seed(seed)
  model <- compiled(experiment)
  as_created <- capture.output(invisible(summary(model)))
  if (stack == "keras3") model$build(tuple(NULL, as.integer(MAXLEN)))  # Keras 3 makes the weights with the first input
  as_built <- capture.output(invisible(summary(model)))

  weights <- initial_weights(model)
  set_weights(model, weights)
  stopifnot(identical(lapply(get_weights(model), as.vector), lapply(weights, as.vector)))
  kept <- named("w0", weights)

  loss <- acc <- numeric(STEPS)
  for (step in seq_len(STEPS)) {
    rows <- seq_len(experiment$batch_size) + (step - 1) * experiment$batch_size
    if (stack == "keras3") model$reset_metrics()  # it returns running means otherwise
    result <- unlist(model %>% train_on_batch(d$x_train[rows, ], d$y_train[rows]))
    if (is.null(names(result))) names(result) <- c("loss", "acc")  # keras3 names them, and puts acc first
    loss[[step]] <- result[["loss"]]
    acc[[step]] <- result[["acc"]]
    if (step %in% KEPT_AFTER) kept <- c(kept, named(paste0("w", step), get_weights(model)))
  }

  rows <- seq_len(TEST_ROWS)
  probabilities <- model %>% predict(d$x_test[rows, ], verbose = 0)
  evaluated <- unlist(model %>% evaluate(d$x_test[rows, ], d$y_test[rows], verbose = 0))
  scores <- evaluated[c("loss", "acc")]
  predicted <- as.integer(probabilities > 0.5)

  write_npz(paste0(name, ".npz"), c(kept, list(
    loss = float64(loss), acc = float64(acc),
    prob = float32(probabilities), pred = int32(predicted), actual = int32(d$y_test[rows]),
    eval = float64(as.numeric(scores)), batch_size = int32(experiment$batch_size)
  )))
  write_json(paste0(name, ".json"), list(
    model = name,
    layers = lapply(model$layers, layer),
    total_params = as.integer(model$count_params()),
    weight_names = I(vapply(model$weights, function(w) if (stack == "keras3") w$path else w$name, "")),
    weight_shapes = lapply(weights, function(w) I(dim(w))),
    optimizer = c(python_class(model$optimizer), list(config = model$optimizer$get_config())),
    loss_function = experiment$loss,
    summary = as_built, summary_as_created = as_created,
    batch_size = experiment$batch_size, steps = STEPS,
    loss = loss, acc = acc,
    n_test = TEST_ROWS,
    evaluate = as.list(scores), evaluate_names_in_r = I(names(evaluated)),
    table = confusion(predicted, d$y_test[rows])
  ))
}

# %% What is recorded of whole trainings: the walkthrough's runs, from Keras' own initial weights
scored <- function(model, x, y) {
  scores <- unlist(model %>% evaluate(x, y, verbose = 0))
  probabilities <- model %>% predict(x, verbose = 0)
  list(evaluate = as.list(scores), table = confusion(as.integer(probabilities > 0.5), y))
}

train <- function(name, d) {
  experiment <- EXPERIMENTS[[name]]
  started <- Sys.time()
  set_seed(seed)  # before each model, so that none depends on those before it
  model <- compiled(experiment)
  history <- model %>% fit(
    d$x_train, d$y_train,
    epochs = experiment$epochs, batch_size = experiment$batch_size, validation_split = experiment$validation_split,
    verbose = 0
  )
  list(
    history = history$metrics,
    train = scored(model, d$x_train, d$y_train),
    test = scored(model, d$x_test, d$y_test),
    seconds = round(as.numeric(difftime(Sys.time(), started, units = "secs")), 1)
  )
}

record_training <- function(d) {
  models <- list()
  for (name in names(EXPERIMENTS)) {
    models[[name]] <- train(name, d)
    message(stack, ", model ", name, ", seed ", seed, ": test accuracy ", models[[name]]$test$evaluate$acc, "; ",
            models[[name]]$seconds, " s")
  }
  settings <- EXPERIMENTS$one[c("epochs", "batch_size", "validation_split")]
  write_json(sprintf("full_seed%d.json", seed), c(list(stack = stack, seed = seed), settings, list(models = models)))
}

# %% What is recorded of the machine
version_of <- function(package) {
  tryCatch(as.character(packageVersion(package)), error = function(e) NULL)
}

python_version_of <- function(package) {
  standard <- function() import("importlib.metadata")$version(package)
  older <- function() import("pkg_resources")$get_distribution(package)$version  # Python 3.7 has no importlib.metadata
  tryCatch(standard(), error = function(e) tryCatch(older(), error = function(e) NULL))
}

processor <- function() {
  lines <- tryCatch(readLines("/proc/cpuinfo"), error = function(e) "", warning = function(w) "")
  sub("^[^:]*: *", "", c(grep("^model name", lines, value = TRUE), "unknown")[[1]])
}

record_versions <- function() {
  r_packages <- c(if (stack == "keras3") "keras3" else "keras", "tensorflow", "tfruns", "reticulate", "tfautograph",
                  "config", "zeallot", "magrittr", "rlang", "R6", "Rcpp", "RcppTOML", "jsonlite")
  python_packages <- c("tensorflow", "keras", "numpy", "h5py", "ml-dtypes", "protobuf", "absl-py")
  installed <- function(packages, version) Filter(Negate(is.null), lapply(setNames(nm = packages), version))
  write_json("versions.json", list(
    stack = stack,
    R = R.version.string,
    platform = R.version$platform,
    os = utils::sessionInfo()$running,
    cpu = processor(),
    r_packages = installed(r_packages, version_of),
    python = import("sys")$version,
    python_executable_version = system2(Sys.getenv("RETICULATE_PYTHON"), "-VV", stdout = TRUE)[[1]],
    python_packages = installed(python_packages, python_version_of),
    onednn = Sys.getenv("TF_ENABLE_ONEDNN_OPTS", "default"),
    intra_op_threads = 1, inter_op_threads = 1,
    op_determinism = stack != "r2019_tf1"  # TensorFlow 1 has no such switch
  ))
}

# %% Helpers
numpy <- import("numpy", convert = FALSE)
hashlib <- import("hashlib", convert = FALSE)

float32 <- function(x) np_array(x, dtype = "float32", order = "C")
float64 <- function(x) np_array(x, dtype = "float64", order = "C")
int32 <- function(x) np_array(x, dtype = "int32", order = "C")

sha256 <- function(array) py_to_r(hashlib$sha256(array$tobytes())$hexdigest())

named <- function(prefix, weights) {  # counted from 0, as in Python
  setNames(lapply(weights, float32), paste0(prefix, "_", seq_along(weights) - 1))
}

write_npz <- function(name, arrays) do.call(numpy$savez_compressed, c(list(file.path(out, name)), arrays))

write_json <- function(name, x) {  # digits = NA: every digit that tells a double from its neighbours, up to 15
  writeLines(jsonlite::toJSON(x, auto_unbox = TRUE, pretty = TRUE, digits = NA, null = "null"), file.path(out, name))
}

python_class <- function(object) {
  list(class = object$`__class__`$`__name__`, module = object$`__class__`$`__module__`)
}

layer <- function(l) {
  shape <- if (stack == "keras3") l$output$shape else l$output_shape
  shape <- lapply(shape, function(size) if (is.null(size)) NULL else as.integer(size))
  c(python_class(l), list(name = l$name, params = as.integer(l$count_params()), output_shape = shape))
}

# As R prints it: rows predicted, columns actual. A class that is never predicted has no row.
confusion <- function(predicted, actual) {
  counted <- table(Predicted = predicted, Actual = actual)
  list(
    rows_predicted = I(rownames(counted)), cols_actual = I(colnames(counted)),
    counts = unname(unclass(counted))[, , drop = FALSE],
    printed = capture.output(print(counted))
  )
}

# dataset_imdb() downloads imdb.npz and verifies its checksum. Only the download is replaced: the rest (order, start
# sign, offset of the numbers, cut at num_words) is the stack's own.
read_from <- function(path) {
  if (stack == "r2019_tf1") {  # a file written with NumPy 2 names a module that the NumPy of 2019 has elsewhere
    py_run_string("import sys, numpy.core; sys.modules['numpy._core'] = numpy.core")
    py_run_string("sys.modules['numpy._core.multiarray'] = numpy.core.multiarray")
  }
  module <- import(tf$keras$datasets$imdb$load_data$`__module__`)
  py_set_attr(module, "get_file", function(...) path)
}

# Seeds Python, NumPy and TensorFlow, and forgets the models before, so that layers are numbered from the start.
set_seed <- function(seed) {
  if (stack == "r2019_tf1") {
    use_session_with_seed(seed, disable_parallel_cpu = TRUE, quiet = TRUE)
  } else {
    tf$keras$backend$clear_session()
    tf$keras$utils$set_random_seed(seed)
    tf$config$experimental$enable_op_determinism()
  }
}

# %% Run it
d <- data()
if (task == "training") {
  record_training(d)
} else {
  record_data(d)
  for (name in names(EXPERIMENTS)) {
    message(stack, ", model ", name)
    record_steps(name, d)
  }
  record_versions()
}
