//! `cargo xtask bench gen`: measures the time from a document's bytes to written files, compared with only parsing the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jackfield_build::model::ConnectorName;
use jackfield_build::{CrateFolder, NewConnector, Runtime, Stage, Watcher};

use super::figure::{Bar, Figures, median};
use super::synthetic;
use crate::failure::Failure;
use crate::{memory, place, release};

/// The number of runs. Each figure is the median over the runs, and compared variants alternate.
const RUNS: usize = 9;
/// The minimum size in bytes of a YAML document to measure.
const LARGE: u64 = 4_000_000;
/// The maximum peak memory, as a ratio to the size of a JSON document.
const MEMORY: f64 = 30.0;

#[derive(Clone, Copy)]
enum Format {
    Json,
    Yaml,
}

impl Format {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// Returns the maximum time, as a ratio to the time of only parsing the document with serde_json or serde_yaml into a `Value`.
    const fn most(self) -> f64 {
        match self {
            Self::Json => 6.0,
            Self::Yaml => 2.0,
        }
    }

    /// Returns the time of only parsing the document. The result is dropped after the measurement.
    fn parse(self, bytes: &[u8]) -> Result<Duration, Failure> {
        let started = Instant::now();
        match self {
            Self::Json => {
                let value = serde_json::from_slice::<serde_json::Value>(bytes);
                let time = started.elapsed();
                value.map(|_| time).map_err(Failure::while_("parsing JSON"))
            }
            Self::Yaml => {
                let value = serde_yaml::from_slice::<serde_yaml::Value>(bytes);
                let time = started.elapsed();
                value.map(|_| time).map_err(Failure::while_("parsing YAML"))
            }
        }
    }
}

/// Measures one document once.
#[derive(clap::Args, Debug)]
pub(crate) struct Once {
    document: PathBuf,
    folder: PathBuf,
}

/// Generates, and prints the peak memory of this process in KiB.
pub(super) fn run_once(once: &Once) -> Result<ExitCode, Failure> {
    generate(&once.document, &once.folder)?;
    if let Some(peak) = memory::peak_kib("self") {
        println!("{peak}");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn run() -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let folder = place::target().join("bench/gen");
    fs::create_dir_all(&folder).map_err(Failure::while_("making the bench folder"))?;
    let folder = fs::canonicalize(folder).map_err(Failure::while_("finding the bench folder"))?;
    let mut figures = Figures::default();
    for format in [Format::Json, Format::Yaml] {
        measure(&mut figures, &document(format, &folder)?, format, &folder)?;
    }
    Ok(figures.exit())
}

/// Measures one document.
fn measure(figures: &mut Figures, document: &Path, format: Format, folder: &Path) -> Result<(), Failure> {
    let bytes = fs::read(document).map_err(Failure::while_("reading the document"))?;
    let output = folder.join("connector");
    let (mut parses, mut runs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        parses.push(format.parse(&bytes)?);
        clear(&output)?;
        runs.push(generate(document, &output)?);
    }
    let operations = runs.first().map_or(0, |run| run.operations);
    let parse = median(parses);
    let run = median(runs.iter().map(|run| run.time).collect());
    eprintln!("{}: medians of {RUNS} runs", document.display());
    let mut print = |name: &str, value: f64, bar: Bar| {
        figures.print(&format!("gen.{}.{name}", format.as_str()), value, bar);
    };
    print("document_mb", bytes.len() as f64 / 1e6, Bar::None);
    print("operations", operations as f64, Bar::None);
    print("parse_ms", millis(parse), Bar::None);
    print("run_ms", millis(run), Bar::None);
    let stages = Stage::ALL.iter().map(|stage| stage.as_str()).chain(["writing"]);
    for (at, stage) in stages.enumerate() {
        let times = runs.iter().filter_map(|run| run.stages.get(at).copied()).collect();
        print(&format!("{}_ms", stage.replace(' ', "_")), millis(median(times)), Bar::None);
    }
    print("ratio_time", run.as_secs_f64() / parse.as_secs_f64(), Bar::AtMost(format.most()));
    if let Some(peak) = peak(document, &output)? {
        let bar = if matches!(format, Format::Json) { Bar::AtMost(MEMORY) } else { Bar::None };
        print("peak_mib", peak as f64 / 1024.0, Bar::None);
        print("ratio_memory", peak as f64 * 1024.0 / bytes.len() as f64, bar);
    }
    clear(&output)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The figures of one run.
struct Run {
    operations: usize,
    time: Duration,
    /// The duration of each stage, and of writing the files.
    stages: Vec<Duration>,
}

/// Generates a new connector as `jackfield gen` does. As in `parse`, the result is dropped after the measurement.
fn generate(document: &Path, folder: &Path) -> Result<Run, Failure> {
    let name = ConnectorName::new("bench").map_err(Failure::while_("choosing the name of the connector"))?;
    let runtime = Runtime::Path(place::root().join("crates/jackfield-runtime").display().to_string());
    let new =
        NewConnector { name: Some(name), link: true, ..NewConnector::of(document.to_path_buf(), runtime) };
    let begins = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&begins);
    let note = move || noted.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    let watcher = Watcher::new({
        let note = note.clone();
        move |_| note()
    });
    let started = Instant::now();
    let connector = CrateFolder::open_or_create(folder, &new)?.watched(watcher);
    let generated = connector.generate()?;
    note();
    connector.write(&generated)?;
    note();
    let time = started.elapsed();
    let begins = begins.lock().unwrap_or_else(PoisonError::into_inner);
    let stages = begins.windows(2).map(|pair| pair[1] - pair[0]).collect();
    Ok(Run { operations: generated.report.count.emitted, time, stages })
}

/// Returns the peak memory of a process that generates once, in KiB.
fn peak(document: &Path, folder: &Path) -> Result<Option<u64>, Failure> {
    clear(folder)?;
    let program = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let output = Command::new(program)
        .args(["bench".as_ref(), "gen-once".as_ref(), document.as_os_str(), folder.as_os_str()])
        .output()
        .map_err(Failure::while_("starting this program"))?;
    if !output.status.success() {
        return Err(Failure::new(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

fn clear(folder: &Path) -> Result<(), Failure> {
    match folder.is_dir() {
        true => fs::remove_dir_all(folder).map_err(Failure::while_("removing the files of the last run")),
        false => Ok(()),
    }
}

/// Returns the real document if it is available, or else a synthetic document.
fn document(format: Format, folder: &Path) -> Result<PathBuf, Failure> {
    let corpus = place::shared().join("corpus");
    let real = match format {
        Format::Json => Some(corpus.join("github.json")).filter(|path| path.is_file()),
        Format::Yaml => largest_yaml(&corpus),
    };
    if let Some(real) = real {
        return fs::canonicalize(real).map_err(Failure::while_("finding the document"));
    }
    let (name, text) = match format {
        Format::Json => ("synthetic.json", synthetic::document(synthetic::OPERATIONS).to_string()),
        Format::Yaml => {
            let document = synthetic::document(4 * synthetic::OPERATIONS);
            let text = serde_yaml::to_string(&document).map_err(Failure::while_("printing YAML"))?;
            ("synthetic.yaml", text)
        }
    };
    let path = folder.join(name);
    fs::write(&path, text).map_err(Failure::while_("writing the synthetic document"))?;
    Ok(path)
}

/// Returns the largest YAML file in a folder. Subfolders are skipped, because they contain documents of several files.
fn largest_yaml(folder: &Path) -> Option<PathBuf> {
    let sized = fs::read_dir(folder).ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let known = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let meta = fs::metadata(&path).ok()?;
        (known && meta.is_file() && meta.len() > LARGE).then_some((meta.len(), path))
    });
    sized.max().map(|(_, path)| path)
}
