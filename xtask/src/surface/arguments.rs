use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; if it has a MANIFEST.csv, only the documents named in it are taken
    pub(super) dir: PathBuf,
    /// Write the counts to a JSON file
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Compare with the counts of an earlier run: at most a quarter of each, and no more tokens
    #[arg(long, value_name = "FILE")]
    pub(super) before: Option<PathBuf>,
    /// Print the tools behind one count, instead of the counts
    #[arg(long, value_name = "NAME")]
    pub(super) list: Option<String>,
    /// Write the tools behind every count to a file, as lines of tab-separated text
    #[arg(long, value_name = "FILE")]
    pub(super) hits: Option<PathBuf>,
    /// Print N tools chosen at random, instead of the counts
    #[arg(long, value_name = "N", conflicts_with = "list")]
    pub(super) show: Option<usize>,
    /// Selects the tools of --show; the same seed shows the same operations
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Write every tool to a file, as a line of JSON each
    #[arg(long, value_name = "FILE")]
    pub(super) tools: Option<PathBuf>,
}
