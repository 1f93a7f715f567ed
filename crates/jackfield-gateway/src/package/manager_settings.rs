//! What a package manager gets from the gateway.

use std::path::PathBuf;

use jackfield_runtime::Environment;

/// The variables that package managers need: programs, the user's own configuration of the manager, proxies and certificates. Every other
/// variable could hold a credential of the gateway.
const VARIABLES: [&str; 34] = [
    "ALL_PROXY",
    "APPDATA",
    "CARGO_HTTP_CAINFO",
    "CARGO_HTTP_PROXY",
    "CURL_CA_BUNDLE",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "LOCALAPPDATA",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "NPM_CONFIG_REGISTRY",
    "NPM_CONFIG_USERCONFIG",
    "PATH",
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PROGRAMDATA",
    "REQUESTS_CA_BUNDLE",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "USERPROFILE",
    "XDG_CONFIG_HOME",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "npm_config_registry",
];

/// What a package manager gets from the gateway.
#[derive(Clone, Debug)]
pub struct ManagerSettings {
    /// The environment of the gateway. Managers get only the variables that they need.
    pub environment: Environment,
    /// The folders and files that managers may not use: the gateway's state, vault and audit.
    pub protected: Vec<PathBuf>,
    /// The program that has the gateway's hidden command. `None` means this program.
    pub launcher: Option<PathBuf>,
}

impl ManagerSettings {
    /// Returns the variables of a manager.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let set = VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), self.environment.get(name)?)));
        set.collect()
    }

    /// Finds a program on PATH.
    pub(super) fn find(&self, program: &str) -> Option<PathBuf> {
        let folders = self.environment.get("PATH")?;
        let folders = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
        folders.map(|folder| folder.join(program)).find(|file| file.is_file())
    }
}
