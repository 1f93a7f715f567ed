//! Fetches a package with npm, without the scripts of packages.

use std::fs;
use std::path::{Component, Path};
use std::time::Duration;

use serde_json::Value;

use super::fetched::Fetched;
use super::node::{NODE, interpreter};
use super::programs::choose;
use super::sum::of_only_file;
use crate::package::fault::PackageFault;
use crate::package::manager_settings::ManagerSettings;
use crate::package::run::{ManagerRun, run};
use crate::package::scripts::{install_scripts, package_json};
use crate::package::source::PackageSource;
use crate::package::start::{PackageStart, TREE};
use crate::package::store::Fetching;

/// The time limit for npm.
const PATIENCE: Duration = Duration::from_secs(300);

/// The options of every run. `--git` is a program that cannot exist, because npm runs scripts and configuration of packages from git.
const OPTIONS: [&str; 9] = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--no-save",
    "--no-package-lock",
    "--omit=dev",
    "--loglevel=error",
    "--git=no-git-in-packages",
];

pub(in crate::package) async fn fetch(
    source: &PackageSource,
    fetching: &Fetching,
    settings: &ManagerSettings,
) -> Result<Fetched, PackageFault> {
    let npm = settings.find("npm").ok_or_else(|| {
        PackageFault::new(
            "there is no `npm` on PATH, which fetches this package: install Node.js 20 or later",
        )
    })?;
    let tree = fetching.tree();
    let (cache, home) = (fetching.scratch("cache")?, fetching.scratch("npm")?);
    let node = interpreter(settings, &home).await?;
    let writable = || vec![tree.clone(), cache.clone(), home.clone()];
    let own = [format!("--cache={}", cache.display()), format!("--prefix={}", tree.display())];
    let name = format!("{}@{}", source.identifier, source.version);
    let mut wanted = name;
    if source.sha256.is_some() {
        let to = format!("--pack-destination={}", home.display());
        let pack = ManagerRun::new(settings, &npm, &home, writable(), PATIENCE);
        run(pack.arguments(["pack"]).arguments(OPTIONS).arguments(&own).arguments([&to, "--", &wanted]))
            .await?;
        let (file, sum) = of_only_file(&home)?;
        source.compare_sum(&sum)?;
        wanted = format!("file:{}", file.display());
    }
    let install = ManagerRun::new(settings, &npm, &tree, writable(), PATIENCE);
    run(install.arguments(["install"]).arguments(OPTIONS).arguments(&own).arguments(["--", &wanted])).await?;
    let folder = Path::new("node_modules").join(&source.identifier);
    let described = package_json(&tree.join(&folder))?
        .ok_or_else(|| PackageFault::new(format!("npm has not installed `{}`", source.identifier)))?;
    if described["version"] != source.version.as_str() {
        return Err(PackageFault::new(format!(
            "npm has installed the version {} of `{}` instead of {}",
            described["version"], source.identifier, source.version
        )));
    }
    let file = program(&described, source)?;
    let inner = folder.join(&file);
    if !fs::metadata(tree.join(&inner)).is_ok_and(|metadata| metadata.is_file()) {
        return Err(PackageFault::new(format!(
            "`{}` has no file `{file}`, which is its program",
            source.identifier
        )));
    }
    let start = PackageStart {
        program: NODE.to_owned(),
        arguments: vec![format!("{TREE}/{}", inner.display())],
        variables: Vec::new(),
    };
    let scripts = install_scripts(&tree)?;
    Ok(Fetched { start, scripts, runtime: vec![node], ..Fetched::default() })
}

/// Returns the file of the program that `bin` names, relative to the folder of the package.
fn program(described: &Value, source: &PackageSource) -> Result<String, PackageFault> {
    let own = source.identifier.rsplit('/').next().unwrap_or(&source.identifier);
    let programs: Vec<(String, String)> = match &described["bin"] {
        Value::String(file) => vec![(own.to_owned(), file.clone())],
        Value::Object(programs) => programs
            .iter()
            .filter_map(|(name, file)| Some((name.clone(), file.as_str()?.to_owned())))
            .collect(),
        _ => Vec::new(),
    };
    let (_, file) = choose(&programs, own, source.program.as_deref())?;
    let mut parts = Vec::new();
    for component in Path::new(file).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.extend(part.to_str()),
            _ => {
                return Err(PackageFault::new(format!(
                    "the program `{file}` of `{}` is outside of the package",
                    source.identifier
                )));
            }
        }
    }
    let file = parts.join("/");
    match file.contains("${") {
        true => Err(PackageFault::new(format!("`{}` has a program with an odd name", source.identifier))),
        false => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::package::source::Manager;

    #[test]
    fn program_of_a_package_is_a_file_in_it() {
        let source = |program: Option<&str>| PackageSource {
            manager: Manager::Npm,
            identifier: "@a/own".to_owned(),
            version: "1.0.0".to_owned(),
            sha256: None,
            program: program.map(str::to_owned),
        };
        let of = |bin: Value, wanted| {
            program(&json!({ "bin": bin }), &source(wanted)).map_err(|error| error.to_string())
        };
        assert_eq!(of(json!("./dist/index.js"), None), Ok("dist/index.js".to_owned()));
        assert_eq!(of(json!({ "x": "a.js", "own": "b.js" }), None), Ok("b.js".to_owned()));
        assert_eq!(of(json!({ "x": "a.js", "own": "b.js" }), Some("x")), Ok("a.js".to_owned()));
        for bin in ["../x.js", "/etc/passwd", "a/../../b"] {
            assert!(of(json!(bin), None).unwrap_err().contains("is outside of the package"), "{bin}");
        }
        for bin in [json!(null), json!(1), json!([]), json!({ "x": 1 })] {
            assert!(of(bin, None).unwrap_err().contains("has no program"));
        }
    }
}
