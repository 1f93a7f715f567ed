//! `cargo xtask bench registry`: measures copying a registry of 50,000 entries, and finding servers in a new process.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Args, ValueEnum};
use jackfield_registry::{Client, LocalCopy, Poll, RegistryAddress, Scope, SyncOptions};
use jackfield_runtime::Environment;
use jackfield_testkit::{RegistryItem, RegistryMock, generated_items, generated_servers};

use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::{memory, place, release};

const ENTRIES: usize = 50_000;
const SEED: u64 = 19;
/// The maximum time of a search in a new process, from its start to its end, in milliseconds.
const MOST_FIND_MS: f64 = 50.0;
/// The maximum time of copying all entries over HTTP from this machine, in seconds.
const MOST_SYNC_S: f64 = 10.0;
/// The maximum memory of the process that copies them, and of the process that builds the index, in megabytes.
const MOST_SYNC_MB: f64 = 40.0;
const MOST_BUILD_MB: f64 = 150.0;
/// The number of processes for each query.
const RUNS: usize = 9;
const QUERIES: [&str; 6] = [
    "weather forecast",
    "a server that lists invoices and refunds payments of customers",
    "postgres",
    "kuberntes deploy",
    "mcp server",
    "請求書",
];

#[derive(Args, Debug)]
pub(crate) struct Once {
    step: Step,
    address: String,
    folder: PathBuf,
    #[arg(default_value = "")]
    words: String,
}

/// What a child process does.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum Step {
    /// Copies the registry.
    Sync,
    /// Builds the search index.
    Build,
    /// Finds servers.
    Find,
}

pub(super) fn run() -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let mut figures = Figures::default();
    measure("versions", generated_items(ENTRIES, SEED), &mut figures)?;
    // Each entry is a server of its own, so the index has 50,000 documents.
    measure("servers", generated_servers(ENTRIES, SEED), &mut figures)?;
    Ok(figures.exit())
}

fn measure(name: &str, items: Vec<RegistryItem>, figures: &mut Figures) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    let mock =
        runtime.block_on(RegistryMock::start(items)).map_err(Failure::while_("starting a registry"))?;
    let folder = place::target().join("bench/registry").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let mut print = |figure: &str, value: f64, bar: Bar| {
        figures.print(&format!("registry.{name}.{figure}"), value, bar);
    };
    let (seconds, peak) = child(Step::Sync, &mock, &folder, "")?;
    print("sync_s", seconds, Bar::AtMost(MOST_SYNC_S));
    print("sync_mb", peak, Bar::AtMost(MOST_SYNC_MB));
    let (seconds, peak) = child(Step::Build, &mock, &folder, "")?;
    print("build_ms", seconds * 1e3, Bar::None);
    print("build_mb", peak, Bar::AtMost(MOST_BUILD_MB));
    print("index_mb", size_of(&folder, ".index"), Bar::None);
    print("copy_mb", size_of(&folder, ".sqlite3"), Bar::None);
    let (mut all, mut peaks) = (Vec::new(), Vec::new());
    for words in QUERIES {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let (seconds, peak) = child(Step::Find, &mock, &folder, words)?;
            times.push(seconds * 1e3);
            peaks.push(peak);
        }
        all.push(median(times));
    }
    let slowest = all.iter().copied().fold(0.0, f64::max);
    print("find_ms", slowest, Bar::AtMost(MOST_FIND_MS));
    print("find_median_ms", median(all), Bar::None);
    print("find_mb", median(peaks), Bar::None);
    Ok(())
}

/// Runs a step in a new process. Returns its time in seconds from start to end, and its peak memory in megabytes.
fn child(step: Step, mock: &RegistryMock, folder: &Path, words: &str) -> Result<(f64, f64), Failure> {
    let itself = std::env::current_exe().map_err(Failure::while_("finding this program"))?;
    let step = step.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let mut command = Command::new(itself);
    command.args(["bench", "registry-once", &step, &mock.address()]).arg(folder).arg(words);
    let began = Instant::now();
    let output = command.output().map_err(Failure::while_("starting this program again"))?;
    let time = began.elapsed().as_secs_f64();
    let shown = String::from_utf8_lossy(&output.stdout);
    let peak: Option<f64> = shown.trim().parse().ok();
    match peak.filter(|_| output.status.success()) {
        Some(peak) => Ok((time, peak)),
        None => Err(Failure::new(format!("{step} failed: {}", String::from_utf8_lossy(&output.stderr)))),
    }
}

/// Returns the size of the files with an ending, in megabytes.
fn size_of(folder: &Path, ending: &str) -> f64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = files
        .filter(|file| file.file_name().to_string_lossy().ends_with(ending))
        .filter_map(|file| Some(file.metadata().ok()?.len() as f64));
    sizes.sum::<f64>() / 1e6
}

/// Runs one step, and prints the peak memory of this process in megabytes.
pub(super) fn run_once(once: &Once) -> Result<ExitCode, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(error.to_string());
    let address = RegistryAddress::parse(&once.address).map_err(|error| failed(&error))?;
    let mut copy = LocalCopy::open(&once.folder, &address).map_err(|error| failed(&error))?;
    match once.step {
        Step::Sync => {
            let environment = Environment::of::<String, String>([]);
            let mut client = Client::new(&address, &environment).map_err(|error| failed(&error))?;
            let options = SyncOptions { poll: Poll::Now, ..SyncOptions::default() };
            copy.sync(&mut client, &options, &mut |_| ()).map_err(|error| failed(&error))?;
        }
        Step::Build => copy.prepare_find().map_err(|error| failed(&error))?,
        Step::Find => {
            let hits = copy.find(&once.words, 10, Scope::Active).map_err(|error| failed(&error))?;
            if hits.is_empty() {
                return Err(Failure::new("nothing was found"));
            }
        }
    }
    println!("{:.1}", memory::peak_kib("self").unwrap_or_default() as f64 / 1e3);
    Ok(ExitCode::SUCCESS)
}
