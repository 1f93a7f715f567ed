//! The folders and files that a program may not use.

use std::path::PathBuf;

use jackfield_runtime::{Environment, state_folder_of, vault_paths_of};

use crate::config::{GatewayConfig, NAME};

/// The options of `serve` that name a secret folder or file.
const SECRET_OPTIONS: [&str; 2] = ["--audit", "--tls-key"];

/// Returns the folders and files that a program may not use: the state of the gateway and of this user's connectors, the vault with its
/// keys, and the audit. `own` is the environment of the process. `environment` contains the `store` of gateway.toml.
pub(crate) fn protected(
    config: &GatewayConfig,
    own: &Environment,
    environment: &Environment,
) -> Vec<PathBuf> {
    let mut found = vault_paths_of(own);
    // The store may be in the same folder as the programs, so only the gateway's own subfolder is protected.
    found.extend(state_folder_of(NAME, environment));
    found.extend(state_folder_of("", own));
    found.extend(config.audit.iter().filter(|audit| *audit != "on").map(PathBuf::from));
    found
}

/// Returns the folders and files that options of `serve` name.
pub(crate) fn of_options(options: &[String]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (at, word) in options.iter().enumerate() {
        for option in SECRET_OPTIONS {
            let value = match word.strip_prefix(option) {
                Some("") => options.get(at + 1).map(String::as_str),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            found.extend(value.filter(|value| !["on", "off"].contains(value)).map(PathBuf::from));
        }
    }
    found.into_iter().filter_map(|path| std::path::absolute(path).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_named_by_serve_options_are_protected_from_programs() {
        let of = |words: &[&str]| of_options(&words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            of(&["--audit", "/a", "--tls-key=/k", "--rate", "1/s"]),
            [PathBuf::from("/a"), "/k".into()]
        );
        assert_eq!(
            of(&["--audit", "on", "--audit=off", "--audit-keep", "3", "--tls-key"]),
            [] as [PathBuf; 0]
        );
    }
}
