//! Reads the Cargo.toml of a connector's crate, and builds the crate in release.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jackfield_build::model::shell_quoted;
use serde_json::Value;

use crate::{Failure, manifest_path};

/// The names of C compilers for musl.
const MUSL_COMPILERS: [&str; 2] = ["musl-gcc", "x86_64-linux-musl-gcc"];

/// A crate, as `cargo metadata` describes it.
pub(super) struct Package {
    manifest: PathBuf,
    workspace: PathBuf,
    facts: Value,
}

impl Package {
    /// Runs `cargo metadata` for the crate in `folder`.
    ///
    /// # Errors
    /// Returns an error if Cargo is not installed, or cannot read the crate.
    pub(super) fn at(folder: &Path) -> Result<Self, Failure> {
        let manifest = folder.join("Cargo.toml");
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(&manifest)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| missing("cargo", &error))?;
        if !output.status.success() {
            return Err(Failure::Other(format!(
                "cargo cannot read {}:\n{}",
                manifest.display(),
                String::from_utf8_lossy(&output.stderr).trim_end()
            )));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let whole = manifest.canonicalize().unwrap_or_else(|_| manifest.clone());
        let is_it = |package: &&Value| {
            let path = package["manifest_path"].as_str().map(Path::new);
            path.and_then(|path| path.canonicalize().ok()).is_some_and(|path| path == whole)
        };
        let facts = metadata["packages"].as_array().and_then(|packages| packages.iter().find(is_it)).cloned();
        let facts = facts.ok_or_else(|| Failure::Other(format!("{} has no package", manifest.display())))?;
        let workspace = PathBuf::from(metadata["workspace_root"].as_str().unwrap_or_default());
        Ok(Self { manifest, workspace, facts })
    }

    /// Returns the name of the package.
    pub(super) fn name(&self) -> &str {
        self.facts["name"].as_str().unwrap_or_default()
    }

    /// Returns the folder of the package.
    pub(super) fn folder(&self) -> &Path {
        manifest_path::folder_of(&self.manifest)
    }

    /// Returns a string of Cargo.toml, such as `version` or `license`.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.facts[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Returns the first author, without the mail address.
    pub(super) fn author(&self) -> Option<String> {
        let author = self.facts["authors"][0].as_str()?;
        Some(author.split('<').next().unwrap_or_default().trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Returns whether the crate can be published on crates.io.
    pub(super) fn is_public(&self) -> bool {
        match &self.facts["publish"] {
            Value::Array(registries) => registries.iter().any(|it| it == "crates-io"),
            _ => true,
        }
    }

    /// Returns the text of the Cargo.lock that the build uses.
    ///
    /// # Errors
    /// Returns an error if the Cargo.lock does not exist.
    pub(super) fn lock(&self) -> Result<String, Failure> {
        let path = self.workspace.join("Cargo.lock");
        std::fs::read_to_string(&path).map_err(|error| {
            let manifest = self.manifest.display().to_string();
            let manifest = shell_quoted(&manifest);
            Failure::Other(format!(
                "cannot read {}: {error}. To make it, run\n\n  cargo generate-lockfile --manifest-path {manifest}\n",
                path.display()
            ))
        })
    }

    /// Builds the program in release, linked statically if possible.
    ///
    /// # Errors
    /// Returns an error if the build fails, or does not make exactly one program.
    pub(super) fn build(&self, target: Option<&str>) -> Result<PathBuf, Failure> {
        let host = host()?;
        let target = target.map_or_else(|| usual_target(&host), str::to_owned);
        let output = cargo()
            .args(["build", "--release", "--locked", "--bins", "--message-format=json-render-diagnostics"])
            .args(["--config", "profile.release.strip=\"symbols\"", "--target", &target, "--manifest-path"])
            .arg(&self.manifest)
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags(&target))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| missing("cargo", &error))?;
        if !output.status.success() {
            return Err(Failure::Other(format!(
                "the release build of {} for {target} failed. Correct the errors above, or name a program with --binary",
                self.name()
            )));
        }
        let printed = String::from_utf8_lossy(&output.stdout);
        let messages = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let programs: Vec<String> = messages
            .filter(|message| message["package_id"] == self.facts["id"])
            .filter_map(|message| message["executable"].as_str().map(str::to_owned))
            .collect();
        match programs.as_slice() {
            [program] => Ok(PathBuf::from(program)),
            [] => Err(Failure::Other(format!("{} has no program: it needs a src/main.rs", self.name()))),
            several => Err(Failure::Other(format!(
                "{} has several programs: name the one to ship with --binary\n\n  {}\n",
                self.name(),
                several.join("\n  ")
            ))),
        }
    }

    /// Returns the flags for rustc: the flags of the user, a flag for static linking, and flags that replace local paths. Because the paths
    /// are replaced, the program does not depend on the folder in which it was built.
    fn flags(&self, target: &str) -> OsString {
        const SEPARATOR: &str = "\u{1f}";
        let mut flags = std::env::var_os("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|| {
            let plain = std::env::var("RUSTFLAGS").unwrap_or_default();
            plain.split_whitespace().collect::<Vec<_>>().join(SEPARATOR).into()
        });
        let mut push = |flag: OsString| {
            if !flags.is_empty() {
                flags.push(SEPARATOR);
            }
            flags.push(flag);
        };
        if target.contains("-linux-") || target.contains("-windows-msvc") {
            push("-Ctarget-feature=+crt-static".into());
        }
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
        let registry = std::env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| home.as_ref().map(|home| home.join(".cargo")));
        // The order matters, because rustc uses the last prefix that matches.
        let places = [(home, "/home"), (registry, "/cargo"), (Some(self.workspace.clone()), "/src")];
        for (place, name) in places {
            let Some(place) = place.filter(|place| place.parent().is_some()) else { continue };
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(place);
            flag.push("=");
            flag.push(name);
            push(flag);
        }
        flags
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn missing(program: &str, error: &std::io::Error) -> Failure {
    Failure::Other(format!(
        "{program} cannot be started: {error}. Install Rust, or ship the folder without its crate:\n\n  jackfield ship --folder\n"
    ))
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Returns the target of this machine.
fn host() -> Result<String, Failure> {
    let output =
        rustc().arg("-vV").stdin(Stdio::null()).output().map_err(|error| missing("rustc", &error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned);
    host.ok_or_else(|| Failure::Other("rustc does not print its target: name it with --target".to_owned()))
}

/// Returns the default target. On Linux, it is the musl target if this target and a C compiler for it are installed. Programs for this
/// target run on every Linux machine.
fn usual_target(host: &str) -> String {
    let musl = host.replace("-gnu", "-musl");
    if musl == host || !host.contains("-linux-") {
        return host.to_owned();
    }
    let library = rustc()
        .args(["--print", "target-libdir", "--target", &musl])
        .stdin(Stdio::null())
        .output()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let has_library = library.is_ok_and(|folder| !folder.as_os_str().is_empty() && folder.is_dir());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_compiler = std::env::split_paths(&path)
        .any(|folder| MUSL_COMPILERS.iter().any(|name| folder.join(name).is_file()));
    if has_library && has_compiler { musl } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_flags_link_statically_and_replace_local_paths() {
        let package = Package {
            manifest: PathBuf::new(),
            workspace: PathBuf::from("/builds/shop"),
            facts: Value::Null,
        };
        let flags = package.flags("x86_64-unknown-linux-gnu").into_string().expect("the flags are text");
        assert!(flags.contains("-Ctarget-feature=+crt-static"), "{flags}");
        assert!(flags.contains("--remap-path-prefix=/builds/shop=/src"), "{flags}");
        let flags = package.flags("aarch64-apple-darwin").into_string().expect("the flags are text");
        assert!(!flags.contains("crt-static"), "{flags}");
    }
}
