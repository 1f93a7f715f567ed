//! `cargo xtask bench build`: measures cold and warm builds of the `jackfield` command and of a generated connector.

pub(super) mod checkout;
mod cpu;
mod project;
mod timings;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use super::figure::{Bar, Figures};
use crate::failure::Failure;
use crate::{krate, place};
use checkout::Checkout;
use project::{Change, Cold, Profile, Project};

/// The maximum CPU seconds of the connector's cold release build, as a ratio to the base commit.
const COLD: f64 = 0.5;
/// The maximum CPU seconds of a connector's release build after it was generated again.
const AGAIN: f64 = 10.0;
/// The document whose connector has size limits.
const SAMPLE: &str = "bookshop";
const SAMPLE_MEGABYTES: f64 = 9.0;
const SAMPLE_CRATES: f64 = 130.0;
/// The maximum size of the command in megabytes.
const COMMAND_MEGABYTES: f64 = 20.0;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The connector's document: a name in specs/, or a path
    #[arg(default_value = SAMPLE)]
    document: PathBuf,
    /// Build an earlier commit too, and compare with it
    #[arg(long, value_name = "COMMIT")]
    base: Option<String>,
    /// Build only this project
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Build with one profile only
    #[arg(long, value_enum)]
    profile: Option<Profile>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Command,
    Connector,
}

impl Arguments {
    fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    fn profiles(&self) -> impl Iterator<Item = Profile> {
        [Profile::Debug, Profile::Release]
            .into_iter()
            .filter(|profile| self.profile.is_none_or(|only| only == *profile))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let document = place::spec(&arguments.document)?;
    let document = fs::canonicalize(document).map_err(Failure::while_("finding the document"))?;
    let folder = place::target().join("bench/build");
    fs::create_dir_all(&folder).map_err(Failure::while_("making the bench folder"))?;
    let folder = fs::canonicalize(folder).map_err(Failure::while_("finding the bench folder"))?;
    let mut figures = Figures::default();
    let base = match &arguments.base {
        Some(commit) => Some(measure_base(arguments, commit, &document, &folder, &mut figures)?),
        None => None,
    };
    if arguments.wants(Part::Command) {
        let command = command(&place::root(), &folder.join("command"));
        figures.print("build.command_crates", command.crates()? as f64, Bar::None);
        for profile in arguments.profiles() {
            let bar = if profile == Profile::Release { Bar::AtMost(COMMAND_MEGABYTES) } else { Bar::None };
            measure(&mut figures, "command", &command, profile, bar, Bar::None)?;
        }
    }
    if arguments.wants(Part::Connector) {
        let connector = connector(&document, &folder.join("connector"))?;
        let is_sample = place::spec(Path::new(SAMPLE)).and_then(|sample| same(&sample, &document))?;
        let sample = |most| if is_sample { Bar::AtMost(most) } else { Bar::None };
        figures.print("build.connector_crates", connector.crates()? as f64, sample(SAMPLE_CRATES));
        for profile in arguments.profiles() {
            let (size, again) = match profile {
                Profile::Debug => (Bar::None, Bar::None),
                Profile::Release => (sample(SAMPLE_MEGABYTES), Bar::AtMost(AGAIN)),
            };
            let cold = measure(&mut figures, "connector", &connector, profile, size, again)?;
            if let (Profile::Release, Some(Some(base))) = (profile, base) {
                figures.print("build.ratio_connector_release_cold_cpu", cold.cpu / base, Bar::AtMost(COLD));
            }
        }
    }
    Ok(figures.exit())
}

/// Measures an earlier commit. Returns the CPU seconds of the connector's cold release build, if the connector was built.
fn measure_base(
    arguments: &Arguments,
    commit: &str,
    document: &Path,
    folder: &Path,
    figures: &mut Figures,
) -> Result<Option<f64>, Failure> {
    let checkout = Checkout::of(commit, folder.join("base"))?;
    let command = command(checkout.folder(), &folder.join("base-command"));
    if arguments.wants(Part::Command) {
        figures.print("build.base_command_crates", command.crates()? as f64, Bar::None);
        for profile in arguments.profiles() {
            measure(figures, "base_command", &command, profile, Bar::None, Bar::None)?;
        }
    }
    if !arguments.wants(Part::Connector) {
        return Ok(None);
    }
    let connector = connector_of(&command, checkout.folder(), document, &folder.join("base-connector"))?;
    figures.print("build.base_connector_crates", connector.crates()? as f64, Bar::None);
    let mut release = None;
    for profile in arguments.profiles() {
        let cold = measure(figures, "base_connector", &connector, profile, Bar::None, Bar::None)?;
        release = (profile == Profile::Release).then_some(cold.cpu);
    }
    Ok(release)
}

/// Builds a project cold and warm, and prints the figures.
fn measure(
    figures: &mut Figures,
    what: &str,
    project: &Project,
    profile: Profile,
    size: Bar,
    again: Bar,
) -> Result<Cold, Failure> {
    let name = format!("build.{what}_{}", profile.as_str());
    eprintln!("building: {what}, {}", profile.as_str());
    let cold = project.build_cold(profile)?;
    figures.print(&format!("{name}_cold_cpu"), cold.cpu, Bar::None);
    figures.print(&format!("{name}_mb"), cold.megabytes, size);
    for (name_of_crate, seconds) in &cold.dearest {
        figures.print(&format!("{name}_seconds_{name_of_crate}"), *seconds, Bar::None);
    }
    figures.print(&format!("{name}_warm_cpu"), project.build_warm(profile)?, again);
    Ok(cold)
}

/// Returns the project that builds the `jackfield` command of a checkout.
fn command(checkout: &Path, target: &Path) -> Project {
    Project {
        folder: checkout.to_path_buf(),
        package: "jackfield-cli".to_owned(),
        binary: "jackfield".to_owned(),
        target: target.to_path_buf(),
        change: Change::Touched(vec![checkout.join("crates/jackfield-cli/src/lib.rs")]),
    }
}

/// Generates the connector of a document with the current generator.
fn connector(document: &Path, folder: &Path) -> Result<Project, Failure> {
    clear(folder)?;
    let name = krate::name_of(document)?;
    krate::write_alone(document.to_path_buf(), &name, folder)?;
    generated(folder, name.as_str())
}

/// Generates the connector of a document with the generator of a checkout.
fn connector_of(
    command: &Project,
    checkout: &Path,
    document: &Path,
    folder: &Path,
) -> Result<Project, Failure> {
    clear(folder)?;
    let name = krate::name_of(document)?;
    let mut generate = command.run(Profile::Debug)?;
    generate.arg("gen").arg(document).args(["--name", name.as_str(), "--out"]).arg(folder);
    generate.arg("--runtime").arg(checkout.join("crates/jackfield-runtime"));
    // Standard output is reserved for figures, so the output of this command is hidden.
    generate.stdout(Stdio::null());
    let status = generate.status().map_err(Failure::while_("starting the generator"))?;
    if !status.success() {
        return Err(Failure::new("the generator of the base failed"));
    }
    fs::copy(checkout.join("Cargo.lock"), folder.join("Cargo.lock"))
        .map_err(Failure::while_("copying Cargo.lock"))?;
    generated(folder, name.as_str())
}

/// Returns the project of a generated connector. Its warm build edits all generated files, as a new generation could.
fn generated(folder: &Path, name: &str) -> Result<Project, Failure> {
    let code =
        fs::read_dir(folder.join("src/generated")).map_err(Failure::while_("finding the generated files"))?;
    let files = code.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>();
    Ok(Project {
        folder: folder.to_path_buf(),
        package: format!("{name}-mcp"),
        binary: format!("{name}-mcp"),
        target: folder.join("target"),
        change: Change::Edited(files.map_err(Failure::while_("finding the generated files"))?),
    })
}

/// Removes the connector of the last run and its build output.
fn clear(folder: &Path) -> Result<(), Failure> {
    match folder.is_dir() {
        true => fs::remove_dir_all(folder).map_err(Failure::while_("removing the files of the last run")),
        false => Ok(()),
    }
}

fn same(a: &Path, b: &Path) -> Result<bool, Failure> {
    let whole = |path: &Path| fs::canonicalize(path).map_err(Failure::while_("finding a document"));
    Ok(whole(a)? == whole(b)?)
}
