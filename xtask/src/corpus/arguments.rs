use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; if it has a MANIFEST.csv, only the documents listed in it are used
    pub(super) dir: PathBuf,
    /// Write the results to a JSON file, with an object for each document
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Compile the generated code of the N documents with the most operations
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) compile: usize,
    /// Also compile the code of this document, named by its file without the extension; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) also: Vec<String>,
    /// Use every .json, .yaml and .yml file; an unreadable file is then not a failure
    #[arg(long)]
    pub(super) every_file: bool,
    /// The number of concurrent processes [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// The time limit for a document
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(super) seconds: u64,
    /// The memory limit for a document
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub(super) memory: u64,
    /// Validate the same arguments with the lean and the full wording of each tool; different results are a failure
    #[arg(long)]
    pub(super) wordings: bool,
    /// Use the dev build: many times slower, but with overflow checks
    #[arg(long)]
    pub(super) dev: bool,
}
