use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; if it has a MANIFEST.csv, only the documents listed in it are used
    pub(super) dir: PathBuf,
    /// Write the counts to a JSON file
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Compare with the counts of an earlier run; each count may be at most a quarter of the earlier count, and tokens may not increase
    #[arg(long, value_name = "FILE")]
    pub(super) before: Option<PathBuf>,
    /// Print the tools that one count includes, instead of the counts
    #[arg(long, value_name = "NAME")]
    pub(super) list: Option<String>,
    /// Write the tools that each count includes to a file, as lines of tab-separated text
    #[arg(long, value_name = "FILE")]
    pub(super) hits: Option<PathBuf>,
    /// Print N tools chosen at random, instead of the counts
    #[arg(long, value_name = "N", conflicts_with = "list")]
    pub(super) show: Option<usize>,
    /// The seed of the random choice of --show; the same seed shows the same operations
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Write every tool to a file, one JSON object on each line
    #[arg(long, value_name = "FILE")]
    pub(super) tools: Option<PathBuf>,
}
