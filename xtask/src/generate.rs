//! `cargo xtask gen`: generates the committed connectors from `specs/`, or connectors from other documents.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_build::CrateFolder;
use jackfield_build::model::Destinations;

use crate::failure::Failure;
use crate::krate;
use crate::paint::{self, BOLD, DIM, GREEN, RED, YELLOW};
use crate::place;

pub(crate) fn run(
    specs: &[PathBuf],
    check: bool,
    accepted: &[String],
    new_names: bool,
) -> Result<ExitCode, Failure> {
    let connectors = if specs.is_empty() {
        existing()?
    } else {
        specs.iter().map(|spec| of(spec)).collect::<Result<_, _>>()?
    };
    let mut drifts = 0;
    for (folder, connector) in connectors {
        let name = place::shown(&folder);
        let spec = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let connector = connector.generated_by(format!("cargo xtask gen {spec}.yaml"));
        let connector = connector.accepting(accepted.iter().cloned());
        let connector = connector.renewing_names(new_names);
        let generated = connector.generate()?;
        let changes = generated.changes.as_ref().filter(|changes| !changes.is_empty());
        if let Some(changes) = changes {
            changes.to_string().lines().for_each(|line| paint::line(YELLOW, format!("{name}: {line}")));
        }
        if check {
            for drift in connector.check(&generated)? {
                paint::line(RED, format!("{name}/{drift}"));
                drifts += 1;
            }
            continue;
        }
        for (origin, because) in Destinations::of(&generated.connector).reasons() {
            paint::line(DIM, format!("{name}: reaches {origin} ({})", because.join("; ")));
        }
        for group in jackfield_build::Group::all(&generated.report.findings()) {
            paint::line(DIM, group);
        }
        let outcome = connector.write(&generated)?;
        for (list, style, word) in [
            (&outcome.created, GREEN, "created"),
            (&outcome.changed, YELLOW, "changed"),
            (&outcome.removed, RED, "removed"),
        ] {
            list.iter().for_each(|path| paint::line(style, format!("{word} {name}/{path}")));
        }
        let count = &generated.report.count;
        let files = outcome.unchanged + outcome.created.len() + outcome.changed.len();
        paint::line(
            BOLD,
            format!("{name}: {} of {} operations, {files} files", count.emitted, count.operations),
        );
    }
    if drifts > 0 {
        let files = if drifts == 1 { "file" } else { "files" };
        paint::line(BOLD, format!("\n{drifts} generated {files} would change: run `cargo xtask gen`"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the committed connectors, sorted by name.
fn existing() -> Result<Vec<(PathBuf, CrateFolder)>, Failure> {
    let connectors = place::root().join("crates/connectors");
    let entries = std::fs::read_dir(&connectors).map_err(Failure::while_("listing crates/connectors"))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("connector.toml").is_file())
        .collect();
    folders.sort();
    folders.into_iter().map(|folder| Ok((folder.clone(), CrateFolder::open(&folder)?))).collect()
}

/// Opens or creates the connector of a document. The connector's name comes from the file name.
fn of(spec: &Path) -> Result<(PathBuf, CrateFolder), Failure> {
    let document = place::spec(spec)?;
    let name = krate::name_of(&document)?;
    let folder = place::root().join("crates/connectors").join(name.as_str());
    Ok((folder.clone(), krate::open(document, &name, &folder)?))
}
