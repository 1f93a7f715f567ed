//! Builds connectors outside this repository, only from the packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::published::Package;
use crate::failure::Failure;
use crate::paint;
use crate::place;
use crate::program::output;

/// The call whose requests are compared.
const CALL: [&str; 4] = ["call", "get_book", r#"{"bookId":"bk_0117"}"#, "--dry-run"];

/// Installs the command and builds two connectors: one that the command generates, and one that generates its code in
/// build.rs. Both connectors, and `jackfield serve` of the generated folder, have to send the same request.
pub(super) fn build(packages: &[Package], config: &Path, folder: &Path) -> Result<(), Failure> {
    let version =
        packages.iter().find(|package| package.name == "jackfield-cli").map(|it| it.version.as_str());
    let version = version.ok_or_else(|| Failure::new("jackfield-cli is not published"))?;
    let outside = Outside::new()?;
    let cargo = |words: &[&str], place: &Path| {
        let mut cargo = jackfield_testkit::cargo();
        cargo.args(words).arg("--config").arg(config).arg("--quiet").current_dir(place);
        output(cargo.env("CARGO_TARGET_DIR", folder.join("build")))
    };
    let installed = outside.0.join("installed");
    let exact = format!("={version}");
    let root = installed.display().to_string();
    paint::heading("installing", format!("jackfield-cli {version} from the packages"));
    cargo(
        &["install", "jackfield-cli", "--version", &exact, "--debug", "--locked", "--root", &root],
        &outside.0,
    )?;
    let jackfield = installed.join("bin").join(format!("jackfield{}", std::env::consts::EXE_SUFFIX));
    let document = outside.0.join("bookshop.yaml");
    fs::copy(place::root().join("specs/bookshop.yaml"), &document)
        .map_err(Failure::while_("copying the document"))?;

    paint::heading("building", "a generated connector");
    let generated = outside.0.join("generated");
    output(
        Command::new(&jackfield).args(["gen", "bookshop.yaml", "--out", "generated"]).current_dir(&outside.0),
    )?;
    let manifest =
        fs::read_to_string(generated.join("Cargo.toml")).map_err(Failure::while_("reading Cargo.toml"))?;
    if !manifest.contains(&format!("\njackfield-runtime = \"{version}\"\n")) {
        return Err(Failure::new(format!(
            "the generated Cargo.toml has no version of the runtime:\n{manifest}"
        )));
    }
    cargo(&["build"], &generated)?;
    let program = folder.join("build/debug").join(format!("bookshop-mcp{}", std::env::consts::EXE_SUFFIX));
    let of_generated = output(Command::new(&program).args(CALL))?;

    paint::heading("building", "a connector that generates its code in build.rs");
    let built = outside.0.join("built");
    for (path, text) in files_of_build_script(version) {
        let path = built.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&built)).map_err(Failure::while_("creating a folder"))?;
        fs::write(path, text).map_err(Failure::while_("writing a connector"))?;
    }
    fs::copy(&document, built.join("bookshop.yaml")).map_err(Failure::while_("copying the document"))?;
    cargo(&["build"], &built)?;
    let of_built = output(Command::new(&program).args(CALL))?;
    let served = output(Command::new(&jackfield).args(["serve"]).arg(&generated).args(CALL))?;
    if of_generated.is_empty() || of_generated != of_built || of_generated != served {
        return Err(Failure::new("the connectors send different requests"));
    }
    paint::heading("request", "both connectors and `jackfield serve` send the same request");
    println!("{}", String::from_utf8_lossy(&of_generated).trim_end());
    Ok(())
}

fn files_of_build_script(version: &str) -> [(&'static str, String); 4] {
    [
        (
            "Cargo.toml",
            format!(
                "[package]\nname = \"bookshop-mcp\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\njackfield-runtime = \"{version}\"\n\n[build-dependencies]\njackfield-build = \"{version}\"\n"
            ),
        ),
        ("connector.toml", "document = \"bookshop.yaml\"\nname = \"bookshop\"\n".to_owned()),
        (
            "build.rs",
            "fn main() -> Result<(), jackfield_build::Error> {\n    jackfield_build::build_script(\"connector.toml\")\n}\n"
                .to_owned(),
        ),
        (
            "src/main.rs",
            "mod bookshop {\n    include!(concat!(env!(\"OUT_DIR\"), \"/bookshop/mod.rs\"));\n}\n\nfn main() -> std::process::ExitCode {\n    jackfield_runtime::main(&bookshop::CONNECTOR, Vec::new())\n}\n"
                .to_owned(),
        ),
    ]
}

/// A new folder outside the repository. It is removed when this value is dropped.
struct Outside(PathBuf);

impl Outside {
    fn new() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("jackfield-packages-{}", std::process::id()));
        fs::create_dir(&folder).map_err(Failure::while_("creating a folder outside the repository"))?;
        fs::canonicalize(&folder)
            .map(Self)
            .map_err(Failure::while_("finding the folder outside the repository"))
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // An error is ignored, because the folder contains only copies.
        let _ = fs::remove_dir_all(&self.0);
    }
}
