//! Starts the program of a package in quarantine, and reads its lists.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};

use super::fault::PackageFault;
use super::installed::Installed;
use super::processes::{group_use, quota};
use super::store::Fetching;
use super::watch::{CurrentGroup, MOST_THREADS, exceeded, written};
use crate::config::{ChildCommand, Confinement, QuarantineLimits};
use crate::confinement;
use crate::remote::look::{Looked, look};
use crate::remote::pinned::FetchedLists;

/// The names with which the gateway presents itself, because a server could show other tools to the client of a user.
const CLIENTS: [&str; 2] = ["jackfield-gateway", "claude-ai"];

/// The value of variables that have to be set, and whose real value no package may see in quarantine.
const PLACEHOLDER: &str = "placeholder";

/// The limits of each process: seconds of CPU time, and MiB.
const CPU: u64 = 60;
const FILE: u64 = 256;
const MEMORY: u64 = 1024;

/// How long processes may take to end after they were killed.
const GRACE: Duration = Duration::from_secs(5);
/// The maximum number of written files that are named.
const MOST_NAMED: usize = 20;

/// How a program is started in quarantine.
#[derive(Clone, Debug)]
pub struct QuarantineSettings {
    /// The arguments after those of the package.
    pub arguments: Vec<String>,
    /// Variables that are not secret, with their values.
    pub variables: Vec<(String, String)>,
    /// Variables that have to be set, and get a placeholder.
    pub placeholders: Vec<String>,
    /// The time limit of each of the two sessions.
    pub timeout: Duration,
    /// The program that has the gateway's hidden command. `None` means this program.
    pub launcher: Option<PathBuf>,
}

/// What was seen in quarantine.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// The lists of the first session.
    pub(crate) lists: FetchedLists,
    /// The tools, prompts and resources that differed in the second session, in which the gateway had another name.
    pub differences: Vec<String>,
    /// The files that the program has written into its scratch folder: the first ones.
    pub written: Vec<String>,
    /// The last output of the program on stderr.
    pub last_words: String,
}

impl Quarantined {
    /// Returns the tools of the first session.
    pub fn tools(&self) -> &[Map<String, Value>] {
        &self.lists.tools
    }
}

/// The reason why a program has not shown its lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineFault {
    /// The reason.
    pub why: String,
    /// The last output of the program on stderr.
    pub last_words: String,
}

impl fmt::Display for QuarantineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for QuarantineFault {}

impl From<PackageFault> for QuarantineFault {
    fn from(fault: PackageFault) -> Self {
        Self { why: fault.to_string(), last_words: String::new() }
    }
}

/// Starts the program of a package twice, and reads its lists. It has no network, no secrets, and only empty folders.
///
/// # Errors
/// Returns an error if this system cannot confine programs, if the program does not answer, or if it exceeds a limit.
pub async fn quarantine(
    installed: &Installed,
    fetching: &Fetching,
    settings: &QuarantineSettings,
) -> Result<Quarantined, QuarantineFault> {
    if !confinement::is_available() {
        return Err(PackageFault::new(
            "this system cannot confine programs (this needs Linux 5.13 or later with Landlock), so packages cannot be judged before they run: write `command = [\"PROGRAM\"]` for a program that you trust",
        )
        .into());
    }
    let first = session(installed, fetching, settings, CLIENTS[0]).await?;
    let second = session(installed, fetching, settings, CLIENTS[1]).await?;
    let differences = differences(&first.looked.lists, &second.looked.lists);
    let Looked { lists, last_words } = first.looked;
    Ok(Quarantined { lists, differences, written: first.written, last_words })
}

/// A session with a program in quarantine.
struct Session {
    looked: Looked,
    written: Vec<String>,
}

async fn session(
    installed: &Installed,
    fetching: &Fetching,
    settings: &QuarantineSettings,
    client: &str,
) -> Result<Session, QuarantineFault> {
    let scratch = fetching.scratch("scratch")?;
    let command = command(installed, &scratch, settings)?;
    let group = CurrentGroup::default();
    let started = |id| group.set(id);
    let looked = tokio::select! {
        looked = look(&command, client, Instant::now() + settings.timeout, &started) => looked
            .map_err(|fault| QuarantineFault { why: fault.why, last_words: fault.last_words }),
        // The program is killed, because the connection to it is dropped.
        why = exceeded(&group, &scratch) => Err(QuarantineFault { why, last_words: String::new() }),
    };
    let _ = timeout(GRACE, ended(&group)).await;
    Ok(Session { looked: looked?, written: written(&scratch, MOST_NAMED) })
}

/// Waits until no process of a group runs any more.
async fn ended(group: &CurrentGroup) {
    while group.get().is_some_and(|group| group_use(group).threads > 0) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn command(
    installed: &Installed,
    scratch: &Path,
    settings: &QuarantineSettings,
) -> Result<ChildCommand, PackageFault> {
    let odd = || PackageFault::at(scratch, "its path is not UTF-8");
    let start = installed.start.at(&installed.tree).ok_or_else(odd)?;
    let place = scratch.to_str().ok_or_else(odd)?;
    let mut variables = vec![("HOME".to_owned(), place.to_owned()), ("TMPDIR".to_owned(), place.to_owned())];
    variables.extend(start.variables);
    variables.extend(settings.variables.iter().cloned());
    variables.extend(settings.placeholders.iter().map(|name| (name.clone(), PLACEHOLDER.to_owned())));
    let mut readable = vec![installed.tree.clone()];
    readable.extend(installed.runtime.iter().cloned());
    // A name on PATH may be a script of a version manager, which is not readable in quarantine.
    let interpreter = installed.runtime.first().and_then(|file| file.to_str()).map(str::to_owned);
    let program = if start.program.contains('/') { Some(start.program) } else { interpreter };
    Ok(ChildCommand {
        package: None,
        program: program.ok_or_else(odd)?,
        arguments: start.arguments.into_iter().chain(settings.arguments.iter().cloned()).collect(),
        variables,
        passed: Vec::new(),
        secrets: Vec::new(),
        folder: scratch.to_owned(),
        memory: Some(MEMORY),
        confinement: Confinement {
            readable,
            writable: vec![scratch.to_owned()],
            quarantine: Some(QuarantineLimits { processes: quota(MOST_THREADS), cpu: CPU, file: FILE }),
            launcher: settings.launcher.clone(),
            ..Confinement::default()
        },
    })
}

/// Returns the names of tools, prompts and resources that are not equal in both lists.
fn differences(one: &FetchedLists, other: &FetchedLists) -> Vec<String> {
    let mut found = Vec::new();
    for (kind, key, one, other) in [
        ("tool", "name", &one.tools, &other.tools),
        ("prompt", "name", &one.prompts, &other.prompts),
        ("resource", "uri", &one.resources, &other.resources),
        ("resource template", "uriTemplate", &one.templates, &other.templates),
    ] {
        let (one, other) = (by_name(one, key), by_name(other, key));
        let names: std::collections::BTreeSet<&str> = one.keys().chain(other.keys()).copied().collect();
        for name in names.into_iter().filter(|name| one.get(name) != other.get(name)) {
            found.push(format!("{kind} `{name}`"));
        }
    }
    found
}

fn by_name<'l>(list: &'l [Map<String, Value>], key: &str) -> BTreeMap<&'l str, Vec<&'l Map<String, Value>>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for entry in list {
        found.entry(entry.get(key).and_then(Value::as_str).unwrap_or_default()).or_default().push(entry);
    }
    found
}
