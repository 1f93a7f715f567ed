//! A registry in another thread, and copies of it.
#![allow(dead_code, reason = "each test binary uses a part of this module")]

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jackfield_registry::{
    Client, LocalCopy, Poll, RegistryAddress, RemoteRegistry, SyncError, SyncLimits, SyncOptions, Synced,
};
use jackfield_runtime::Environment;
use jackfield_testkit::{Answer, Recorded, RegistryItem, RegistryMock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A time after all generated entries.
pub(crate) const NOW: u64 = 1_800_000_000;

/// A registry, and a folder for copies of it.
pub(crate) struct Site {
    pub(crate) mock: RegistryMock,
    pub(crate) folder: TempDir,
    _runtime: Runtime,
}

impl Site {
    pub(crate) fn new(items: Vec<RegistryItem>) -> Self {
        Self::with(items, |_| None)
    }

    /// Starts a registry that answers some requests in another way.
    pub(crate) fn with(
        items: Vec<RegistryItem>,
        other: impl Fn(&Recorded) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mock = runtime.block_on(RegistryMock::start_with(items, other)).unwrap();
        Self { mock, folder: tempfile::tempdir().unwrap(), _runtime: runtime }
    }

    pub(crate) fn address(&self) -> RegistryAddress {
        RegistryAddress::parse(&self.mock.address()).unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        client(&self.address())
    }

    pub(crate) fn copy(&self) -> LocalCopy {
        LocalCopy::open(&self.copies(), &self.address()).unwrap()
    }

    /// Returns the folder of the copies.
    pub(crate) fn copies(&self) -> std::path::PathBuf {
        self.folder.path().join("copies")
    }

    /// Brings a copy up to date at a number of seconds after [`NOW`].
    pub(crate) fn sync(&self, copy: &mut LocalCopy, poll: Poll, after: u64) -> Result<Synced, SyncError> {
        copy.sync(&mut self.client(), &options(poll, after), &mut |_| ())
    }
}

pub(crate) fn client(address: &RegistryAddress) -> Client {
    let environment = Environment::of::<String, String>([]);
    let remote = RemoteRegistry::new(address, &environment).unwrap();
    Client::over(address, remote.with_patience(Duration::from_secs(30)))
}

pub(crate) fn options(poll: Poll, after: u64) -> SyncOptions {
    let now: SystemTime = UNIX_EPOCH + Duration::from_secs(NOW + after);
    SyncOptions { poll, limits: SyncLimits::default(), now }
}

/// An entry with a package of npm.
pub(crate) fn item(name: &str, version: &str, updated_at: &str, official: &Value) -> RegistryItem {
    let mut facts =
        json!({ "status": "active", "isLatest": true, "publishedAt": updated_at, "updatedAt": updated_at });
    for (member, value) in official.as_object().unwrap() {
        facts[member] = value.clone();
    }
    RegistryItem::of(&json!({
        "server": {
            "name": name, "description": "Tells the time of a city", "version": version,
            "packages": [{ "registryType": "npm", "identifier": "time", "version": version, "transport": { "type": "stdio" } }],
        },
        "_meta": { "io.modelcontextprotocol.registry/official": facts },
    }))
}

/// Returns the names of the files in a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
