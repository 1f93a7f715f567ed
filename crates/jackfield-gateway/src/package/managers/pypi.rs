//! Fetches a package with pip, from wheels only.

use std::time::Duration;

use super::entry_points::{EntryPoint, console_scripts};
use super::fetched::Fetched;
use super::programs::choose;
use super::python::{Python, python};
use super::sum::of_only_file;
use crate::package::fault::PackageFault;
use crate::package::manager_settings::ManagerSettings;
use crate::package::run::{ManagerRun, run};
use crate::package::source::PackageSource;
use crate::package::start::{PackageStart, TREE};
use crate::package::store::Fetching;

/// The time limit for pip.
const PATIENCE: Duration = Duration::from_secs(600);

/// The options of every run. A source distribution would run its setup script.
const OPTIONS: [&str; 5] = [
    "--only-binary=:all:",
    "--disable-pip-version-check",
    "--no-input",
    "--no-cache-dir",
    "--progress-bar=off",
];

pub(in crate::package) async fn fetch(
    source: &PackageSource,
    fetching: &Fetching,
    settings: &ManagerSettings,
) -> Result<Fetched, PackageFault> {
    let (tree, scratch) = (fetching.tree(), fetching.scratch("pip")?);
    let Python { found, interpreter, runtime } = python(settings, &scratch).await?;
    let temporary = fetching.scratch("tmp")?;
    let pip = || {
        let writable = vec![tree.clone(), scratch.clone(), temporary.clone()];
        let run = ManagerRun::new(settings, &found, &scratch, writable, PATIENCE);
        // A file that it compiles could differ at the next time.
        let run = run.variable("PYTHONDONTWRITEBYTECODE", "1");
        run.variable("TMPDIR", temporary.display().to_string()).arguments(["-m", "pip"])
    };
    let told = |fault: PackageFault| explained(source, &fault);
    let mut wanted = format!("{}=={}", source.identifier, source.version);
    if source.sha256.is_some() {
        let to = format!("--dest={}", scratch.display());
        let words = pip().arguments(["download", "--no-deps"]).arguments(OPTIONS);
        run(words.arguments([&to, "--", &wanted])).await.map_err(told)?;
        let (file, sum) = of_only_file(&scratch)?;
        source.compare_sum(&sum)?;
        wanted = file.display().to_string();
    }
    let site = tree.join("site");
    let to = format!("--target={}", site.display());
    let words = pip().arguments(["install", "--no-compile", "--no-warn-script-location"]).arguments(OPTIONS);
    run(words.arguments([&to, "--", &wanted])).await.map_err(told)?;
    let scripts = console_scripts(&site, &source.identifier, &source.version)?;
    let (name, EntryPoint { module, function }) =
        choose(&scripts, &source.identifier, source.program.as_deref())?;
    let first = function.split('.').next().unwrap_or(function);
    // The folder is added as that of a virtual environment, with its .pth files, and without the packages of the system.
    let program = format!(
        "import site, sys; own = sys.argv.pop(1); sys.path = [p for p in sys.path if p not in ('', own)]; site.setquit(); site.addsitedir(own); sys.argv[0] = '{name}'; from {module} import {first}; sys.exit({function}())"
    );
    let site = format!("{TREE}/site");
    let start = PackageStart {
        program: interpreter,
        arguments: ["-B", "-s", "-S", "-c", &program, &site].map(str::to_owned).to_vec(),
        // For further interpreters that the program starts.
        variables: vec![
            ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
            ("PYTHONPATH".to_owned(), site),
        ],
    };
    Ok(Fetched { start, runtime, ..Fetched::default() })
}

/// Explains an error of pip.
fn explained(source: &PackageSource, fault: &PackageFault) -> PackageFault {
    let text = fault.to_string();
    if text.contains("No module named pip") {
        return PackageFault::new(
            "this Python has no pip, which fetches the package: install it, as in `apt install python3-pip`",
        );
    }
    if text.contains("No matching distribution found") {
        return PackageFault::new(format!(
            "{} or one of its dependencies does not exist, or has no wheel for this machine: a source distribution is not used, because its setup script would run at the installation\n{text}",
            source.shown()
        ));
    }
    fault.clone()
}
