//! Generates, as a user's build.rs does, the connectors of connector.toml and of the folders auth, replies, pages,
//! jobs, contents, decisions and merges. Then generates the connectors of all documents in specs/ and of the
//! conformance tables, so that the generated code is compiled with this workspace's warnings.

#[path = "build/conformance.rs"]
mod conformance;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use jackfield_build::model::ConnectorName;
use jackfield_build::{BuildScript, build_script};

fn main() -> Result<(), Box<dyn Error>> {
    // The call that a user's build script contains.
    build_script("connector.toml")?;
    build_script("auth/connector.toml")?;
    build_script("replies/connector.toml")?;
    build_script("pages/connector.toml")?;
    build_script("decisions/connector.toml")?;
    build_script("contents/connector.toml")?;
    build_script("jobs/connector.toml")?;
    build_script("merges/connector.toml")?;

    let specs = documents(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs"))?;
    for spec in &specs {
        // Most documents contain mistakes on purpose, so their findings are not printed.
        BuildScript::of_document(&spec.document, spec.name.clone()).without_warnings().run()?;
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("specs.rs"), index(&specs))?;
    let tables = conformance::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance"), &out)?;
    fs::write(out.join("conformance.rs"), tables)?;
    Ok(())
}

/// A document of specs/.
struct Spec {
    document: PathBuf,
    /// The path below specs/, with `/` as separator.
    file: String,
    name: ConnectorName,
}

/// Returns every document in specs/, and main.yaml of every folder that has one, sorted.
fn documents(folder: &Path) -> Result<Vec<Spec>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut specs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (document, file) = if path.is_dir() {
            (path.join("main.yaml"), format!("{name}/main.yaml"))
        } else {
            (path.clone(), name)
        };
        let is_text =
            document.extension().is_some_and(|extension| extension == "yaml" || extension == "json");
        if is_text && document.is_file() {
            let name = ConnectorName::from_text(&stem).ok_or_else(|| format!("{stem} names no connector"))?;
            specs.push(Spec { document, file, name });
        }
    }
    specs.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(specs)
}

/// Returns a module for each connector, and the list of all connectors.
fn index(specs: &[Spec]) -> String {
    let mut modules = String::new();
    let mut rows = String::new();
    for Spec { file, name, .. } in specs {
        // The module name has a suffix, because a tag can have the name of its document, and clippy warns
        // about a module inside a module of the same name.
        let module = format!("{}_api", name.as_str().replace('-', "_"));
        let _ = writeln!(
            modules,
            "/// Generated from {file}.\npub mod {module} {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/{name}/mod.rs\"));\n}}"
        );
        let _ = writeln!(
            rows,
            "    Spec {{ file: {file:?}, name: \"{name}\", connector: &{module}::CONNECTOR }},"
        );
    }
    format!("{modules}\n/// Every document, sorted by file.\npub static SPECS: &[Spec] = &[\n{rows}];\n")
}
