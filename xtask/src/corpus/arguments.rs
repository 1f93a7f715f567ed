use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; if it has a MANIFEST.csv, only the documents named in it are taken
    pub(super) dir: PathBuf,
    /// Write the results to a JSON file, with an object for each document
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Compile the generated code of the N documents with most operations
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) compile: usize,
    /// Compile the code of this document too, named by its file without the extension; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) also: Vec<String>,
    /// Take every .json, .yaml and .yml file; a file that cannot be read is then not a failure
    #[arg(long)]
    pub(super) every_file: bool,
    /// How many processes run at once [default: as many as there are cores]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// How long a document may take
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(super) seconds: u64,
    /// How much memory a document may take
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub(super) memory: u64,
    /// Check the same arguments against both wordings of each tool; different verdicts are a failure
    #[arg(long)]
    pub(super) wordings: bool,
    /// Use the dev build: many times slower, but it checks arithmetic for overflow
    #[arg(long)]
    pub(super) dev: bool,
}
