//! The keys that confine the program of a connector.

use std::path::PathBuf;

use toml::de::DeTable;

use super::reader::Reader;

/// The limits on the files, sockets and user of a connector's program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Whether the program may read everything that the gateway may read.
    pub is_open: bool,
    /// The user that runs the program, if not the gateway's user.
    pub user: Option<String>,
    /// Whether the program may connect to local sockets, through which other programs can act for it.
    pub has_sockets: bool,
    /// The folders and files that the program may not use: the gateway's state, vault and audit. The gateway sets them.
    pub protected: Vec<PathBuf>,
    /// Folders that the program may read and execute, but not change, although they are in a protected folder.
    pub readable: Vec<PathBuf>,
    /// Folders that the program may change, although they are in a protected folder.
    pub writable: Vec<PathBuf>,
    /// The limits of a program that nobody has judged yet. Such a program may use only `readable`, `writable` and folders of the system.
    pub quarantine: Option<QuarantineLimits>,
    /// The program that has the gateway's hidden command. `None` means this program.
    pub launcher: Option<PathBuf>,
}

/// The limits of a program in quarantine, besides its files and sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarantineLimits {
    /// The maximum number of processes and threads.
    pub processes: u64,
    /// The maximum CPU time of each process, in seconds.
    pub cpu: u64,
    /// The maximum size of each file, in MiB.
    pub file: u64,
}

/// Reads the keys that confine a program.
pub(super) fn confinement(reader: &Reader<'_>, table: &DeTable<'_>) -> Confinement {
    let is_set = |key| table.get(key).and_then(|value| reader.boolean(value)).unwrap_or(false);
    let user = table.get("user").and_then(|it| reader.text(it, "write `user = \"NAME\"`"));
    let is_open = is_set("unconfined");
    if let (true, Some(user)) = (is_open, table.get("user")) {
        reader.refuse(
            user.span().start,
            "`user` and `unconfined` contradict each other",
            "remove `unconfined`: another user cannot read the state of the gateway",
        );
    }
    Confinement { is_open, user, has_sockets: is_set("sockets"), ..Confinement::default() }
}
