//! Runs cargo from a program that cargo started.

use std::ffi::OsStr;
use std::process::Command;

/// Variables that describe the running program. A nested cargo must not get these variables. Build scripts that read one of them would run
/// again, and everything that depends on the scripts would be rebuilt.
const OWN: [&str; 8] = [
    "CARGO",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
];
/// The prefixes of further variables that describe the running program.
const OWN_BEGIN: [&str; 5] = ["CARGO_BIN_EXE_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_", "DEP_"];
/// The variables that cargo sets for build scripts and for the crates of build scripts.
const OF_BUILD_SCRIPTS: [&str; 1] = ["OUT_DIR"];

/// Returns a command for a nested cargo. It gets the variables that the user has set, but not the variables that the outer cargo has
/// set for this program.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if is_own(&name) {
            command.env_remove(name);
        }
    }
    command
}

fn is_own(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    OWN.contains(&name)
        || OF_BUILD_SCRIPTS.contains(&name)
        || OWN_BEGIN.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_cargo_does_not_get_variables_of_the_outer_cargo() {
        // Cargo starts this test, so these variables are set.
        assert!(
            std::env::var_os("CARGO_MANIFEST_DIR").is_some() && std::env::var_os("CARGO_PKG_NAME").is_some()
        );
        let command = cargo();
        let removed: Vec<&OsStr> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let is_of_cargo =
                text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO";
            assert!(!is_of_cargo || removed.contains(&name.as_os_str()), "the nested cargo gets {text}");
        }
        assert!(!command.get_envs().any(|(name, _)| name == "PATH"), "PATH was removed");
    }

    #[test]
    fn nested_cargo_keeps_variables_of_the_user() {
        for name in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_JOBS",
            "CARGO_TERM_COLOR",
            "RUSTFLAGS",
            "CARGO_INCREMENTAL",
        ] {
            assert!(!is_own(OsStr::new(name)), "{name}");
        }
    }
}
