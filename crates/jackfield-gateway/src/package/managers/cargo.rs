//! Fetches a crate with cargo, and compiles it in quarantine, because build scripts and macros run then.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::fetched::Fetched;
use super::programs::choose;
use crate::config::{Confinement, QuarantineLimits};
use crate::package::copy::copy;
use crate::package::fault::PackageFault;
use crate::package::manager_settings::ManagerSettings;
use crate::package::processes::quota;
use crate::package::run::{ManagerRun, run};
use crate::package::source::PackageSource;
use crate::package::start::{PackageStart, TREE};
use crate::package::store::Fetching;
use crate::package::temporary::TemporaryFolder;

/// The time limits for downloads, and for compiling.
const PATIENCE: Duration = Duration::from_secs(300);
const PATIENCE_TO_COMPILE: Duration = Duration::from_secs(1800);

/// The limits of the compiler and of build scripts: processes, seconds of CPU time, and MiB.
const LIMITS: QuarantineLimits = QuarantineLimits { processes: 1024, cpu: 1800, file: 2048 };
const MEMORY: u64 = 8192;

/// The command that downloads crates, from the mirror that the user has configured.
const VENDOR: [&str; 4] = ["vendor", "--quiet", "--versioned-dirs", "--respect-source-config"];

/// The maximum number of bytes of cargo's configuration.
const LONGEST_CONFIG: u64 = 1 << 20;

const NOTE: &str = "its build scripts and macros ran while it was compiled, in quarantine: without the network, and without access to your files";

/// cargo, with folders of its own.
struct Cargo<'c> {
    settings: &'c ManagerSettings,
    program: PathBuf,
    /// The folder of the compiler and its libraries.
    toolchain: PathBuf,
    home: PathBuf,
    work: PathBuf,
    _temporary: TemporaryFolder,
}

pub(in crate::package) async fn fetch(
    source: &PackageSource,
    fetching: &Fetching,
    settings: &ManagerSettings,
) -> Result<Fetched, PackageFault> {
    let cargo = Cargo::find(settings).await?;
    let crate_folder = cargo.download(source).await?;
    let sources = cargo.work.join("source");
    copy(&crate_folder, &sources)?;
    stand_alone(&sources)?;
    cargo.download_dependencies(&sources).await?;
    cargo.compile(&sources).await?;
    let built = cargo.work.join("out").join("bin");
    let mut programs = Vec::new();
    for entry in fs::read_dir(&built).into_iter().flatten().flatten() {
        programs.extend(entry.file_name().into_string().ok().map(|name| (name, entry.path())));
    }
    programs.sort();
    let (name, file) = choose(&programs, &source.identifier, source.program.as_deref())?;
    // A build script could have put a link to any file there.
    if file.canonicalize().ok().as_ref() != Some(file) || !file.is_file() {
        return Err(PackageFault::at(file, "cargo has built no file there"));
    }
    let folder = fetching.tree().join("bin");
    let moved = fs::create_dir_all(&folder).and_then(|()| fs::copy(file, folder.join(name)));
    moved.map_err(|error| PackageFault::at(&folder, error))?;
    let start = PackageStart { program: format!("{TREE}/bin/{name}"), ..PackageStart::default() };
    Ok(Fetched { start, notes: vec![NOTE.to_owned()], ..Fetched::default() })
}

impl<'c> Cargo<'c> {
    /// Finds the toolchain itself. What is on PATH may be rustup, which would install the toolchain that a crate asks for.
    async fn find(settings: &'c ManagerSettings) -> Result<Self, PackageFault> {
        let missing = || {
            PackageFault::new(
                "there is no `cargo` on PATH, which fetches and compiles this package: install Rust, as https://rustup.rs says",
            )
        };
        let (found, rustc) = settings.find("cargo").zip(settings.find("rustc")).ok_or_else(missing)?;
        let temporary = TemporaryFolder::create()?;
        let (home, work) = (temporary.inner("cargo")?, temporary.inner("work")?);
        let asked = ManagerRun::new(settings, &rustc, &work, Vec::new(), PATIENCE);
        let printed = run(asked.arguments(["--print", "sysroot"])).await?;
        let toolchain = PathBuf::from(printed.trim());
        let own = toolchain.join("bin").join("cargo");
        let program = if own.is_file() { own } else { found };
        copy_config(settings, &home)?;
        Ok(Self { settings, program, toolchain, home, work, _temporary: temporary })
    }

    /// Runs cargo with the network. The folder in which it runs is not that of a crate, whose configuration could name programs.
    async fn run(&self, words: &[&str]) -> Result<String, PackageFault> {
        let cargo = ManagerRun::new(self.settings, &self.program, &self.home, Vec::new(), PATIENCE);
        run(cargo.variable("CARGO_HOME", self.home.display().to_string()).arguments(words)).await
    }

    /// Downloads a crate. Returns the folder of its files.
    async fn download(&self, source: &PackageSource) -> Result<PathBuf, PackageFault> {
        let PackageSource { identifier, version, .. } = source;
        let asking = self.work.join("asking");
        let manifest = asking.join("Cargo.toml");
        let text = format!(
            "[package]\nname = \"asking\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[dependencies]\npackage = {{ package = \"{identifier}\", version = \"={version}\" }}\n[workspace]\n"
        );
        let written = fs::create_dir_all(&asking)
            .and_then(|()| fs::write(&manifest, text))
            .and_then(|()| fs::write(asking.join("lib.rs"), ""));
        written.map_err(|error| PackageFault::at(&asking, error))?;
        let (manifest, vendor) = (manifest.display().to_string(), self.work.join("first"));
        let to = vendor.display().to_string();
        self.run(&[&VENDOR[..], &["--manifest-path", &manifest, &to]].concat()).await?;
        let folder = vendor.join(format!("{identifier}-{version}"));
        // cargo has compared this sum with the file and with the index.
        let path = folder.join(".cargo-checksum.json");
        let text = fs::read(&path).map_err(|error| PackageFault::at(&path, error))?;
        let sums: Value = serde_json::from_slice(&text).map_err(|error| PackageFault::at(&path, error))?;
        source.compare_sum(sums["package"].as_str().unwrap_or_default())?;
        Ok(folder)
    }

    /// Downloads the dependencies of a crate: the versions with which it was published, if it says so.
    async fn download_dependencies(&self, sources: &Path) -> Result<(), PackageFault> {
        let manifest = sources.join("Cargo.toml").display().to_string();
        let to = self.work.join("vendor").display().to_string();
        let words = [&VENDOR[..], &["--manifest-path", &manifest]].concat();
        if sources.join("Cargo.lock").is_file() {
            let locked = self.run(&[&words[..], &["--locked", &to]].concat()).await;
            // Some crates are published with a lock that does not fit.
            if locked.is_ok() {
                return Ok(());
            }
        }
        self.run(&[&words[..], &[&to]].concat()).await.map(drop)
    }

    /// Compiles a crate in quarantine.
    async fn compile(&self, sources: &Path) -> Result<(), PackageFault> {
        let work = |name: &str| self.work.join(name).display().to_string();
        let offline = self.work.join("offline");
        let config = format!(
            "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = {}\n",
            Value::from(work("vendor"))
        );
        let written = fs::create_dir_all(&offline).and_then(|()| {
            fs::create_dir_all(self.work.join("tmp"))?;
            fs::write(offline.join("config.toml"), config)
        });
        written.map_err(|error| PackageFault::at(&offline, error))?;
        let path = self.settings.environment.get("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.toolchain.join("bin").display());
        let variables = [
            ("CARGO_HOME", work("offline")),
            ("HOME", work("offline")),
            ("PATH", path),
            ("TMPDIR", work("tmp")),
        ];
        let confinement = Confinement {
            readable: vec![self.toolchain.clone()],
            writable: vec![self.work.clone()],
            quarantine: Some(QuarantineLimits { processes: quota(LIMITS.processes), ..LIMITS }),
            launcher: self.settings.launcher.clone(),
            ..Confinement::default()
        };
        let (sources, out, build) = (sources.display().to_string(), work("out"), work("build"));
        let words = ["install", "--path", &sources, "--root", &out, "--target-dir", &build];
        let more = ["--offline", "--locked", "--no-track", "--quiet", "--bins"];
        run(ManagerRun {
            program: &self.program,
            arguments: words.into_iter().chain(more).map(str::to_owned).collect(),
            folder: &self.work,
            variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            confinement,
            memory: Some(MEMORY),
            limit: PATIENCE_TO_COMPILE,
        })
        .await
        .map(drop)
    }
}

/// Keeps cargo from searching the folders above a crate for its workspace.
fn stand_alone(sources: &Path) -> Result<(), PackageFault> {
    let path = sources.join("Cargo.toml");
    let failed = |error| PackageFault::at(&path, error);
    let text = fs::read_to_string(&path).map_err(failed)?;
    match text.lines().any(|line| line.trim_start().starts_with("[workspace")) {
        true => Ok(()),
        false => fs::write(&path, format!("{text}\n[workspace]\n")).map_err(failed),
    }
}

/// Copies the user's configuration of cargo, which can name a mirror and a proxy, but no credentials.
fn copy_config(settings: &ManagerSettings, home: &Path) -> Result<(), PackageFault> {
    let own = settings.environment.get("CARGO_HOME").map(PathBuf::from);
    let own = own.or_else(|| settings.environment.get("HOME").map(|home| Path::new(&home).join(".cargo")));
    let found = own.into_iter().flat_map(|own| ["config.toml", "config"].map(|name| own.join(name)));
    let small = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LONGEST_CONFIG)
    };
    match found.into_iter().find(small) {
        Some(path) => fs::copy(&path, home.join("config.toml"))
            .map(drop)
            .map_err(|error| PackageFault::at(&path, error)),
        None => Ok(()),
    }
}
