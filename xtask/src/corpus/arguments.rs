use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; where it has a MANIFEST.csv, its documents are those that it names
    pub(super) dir: PathBuf,
    /// Write what was found into a file: an object for each document
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Compile the generated code of the N documents with most operations
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) compile: usize,
    /// Compile that of a document too, given the name of its file without the extension; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) also: Vec<String>,
    /// Take every .json, .yaml and .yml file, whatever it holds; one that cannot be read is then no failure
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
    /// Hold both wordings of every tool against the same arguments; one that fits one of them alone is a failure
    #[arg(long)]
    pub(super) wordings: bool,
    /// Stay in the dev build: many times slower, and its arithmetic is checked for overflow
    #[arg(long)]
    pub(super) dev: bool,
}
