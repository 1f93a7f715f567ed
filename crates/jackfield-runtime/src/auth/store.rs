//! Where the texts of slots are looked up: a variable, the file that a variable names, a command of connector.toml, and
//! what was put away.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_recipe::shell_quoted;

use super::bound::{BoundRecord, Entry, listed};
use super::reach::Destination;
use super::records::Records;
use super::slot::Slot;
use crate::environment::Environment;
use crate::secret::Secret;

/// What a file or a command may give: a chain of certificates has some thousand bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// How long a command may take: some ask the user for a finger.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Where a text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Provenance {
    Variable(String),
    File {
        variable: String,
        path: PathBuf,
    },
    Command(&'static [&'static str]),
    Records,
    /// What every user of the connector has, such as the name of a public client.
    Connector,
}

/// A text that was found.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) secret: Secret,
    pub(crate) from: Provenance,
}

/// The places in which texts are looked up.
pub(crate) struct Store {
    environment: Environment,
    records: Arc<dyn Records>,
    /// As people start the connector, for what it tells them to type.
    called: Arc<str>,
    /// What commands printed: they may take long, or ask the user each time.
    printed: Mutex<HashMap<String, Secret>>,
}

impl Store {
    pub(crate) fn new(environment: Environment, records: Arc<dyn Records>, called: &str) -> Self {
        Self { environment, records, called: called.into(), printed: Mutex::default() }
    }

    /// As people start the connector, for what it tells them to type.
    pub(crate) fn called(&self) -> Arc<str> {
        Arc::clone(&self.called)
    }

    /// The variables.
    pub(crate) const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What outlives the process.
    pub(crate) fn records(&self) -> &dyn Records {
        &*self.records
    }

    /// The text of a slot, from the first place that has it.
    ///
    /// # Errors
    /// A place that should have it cannot be read: what the user has to mend. Later places are not asked instead.
    pub(crate) async fn find(&self, slot: &Slot) -> Result<Option<Held>, String> {
        for variable in slot.variables() {
            if let Some(value) = self.environment.get(&variable) {
                return Ok(Some(Held { secret: Secret::new(value), from: Provenance::Variable(variable) }));
            }
            let named = format!("{variable}_FILE");
            if let Some(path) = self.environment.get(&named).map(PathBuf::from) {
                let secret = read(&path).map_err(|why| format!("mend {named}: {why}"))?;
                return Ok(Some(Held { secret, from: Provenance::File { variable: named, path } }));
            }
        }
        if let Some(words) = slot.command() {
            let record = slot.record();
            let known = self.lock().get(&record).cloned();
            let secret = match known {
                Some(secret) => secret,
                None => {
                    let secret =
                        print(words).await.map_err(|why| format!("mend the command of {record}: {why}"))?;
                    self.lock().insert(record, secret.clone());
                    secret
                }
            };
            return Ok(Some(Held { secret, from: Provenance::Command(words) }));
        }
        if let Some(Entry { text: secret, .. }) = self.kept(slot)? {
            return Ok(Some(Held { secret, from: Provenance::Records }));
        }
        let given = slot.given().map(|text| Secret::new(text.to_owned()));
        Ok(given.map(|secret| Held { secret, from: Provenance::Connector }))
    }

    /// What the records have for a slot and the origins that it goes to.
    fn kept(&self, slot: &Slot) -> Result<Option<Entry>, String> {
        let Some(record) = self.record(slot)?.and_then(|record| BoundRecord::parse(&record)) else {
            return Ok(None);
        };
        let origins = slot.origins(&self.environment);
        let Some(entry) = record.into_sharing(&origins) else { return Ok(None) };
        // A client's secret is for all of its endpoints, and none of them may be another.
        if slot.is_of_client() && !entry.covers(&origins) {
            let known = listed(&entry.origins);
            return Err(format!("{} (the vault has it for {known})", self.set_again(slot, None)));
        }
        Ok(Some(entry))
    }

    fn record(&self, slot: &Slot) -> Result<Option<Secret>, String> {
        let record = self.records.get(&slot.record());
        record.map_err(|why| format!("set {}, or mend the vault: {why}", slot.variable()))
    }

    /// The origins that the text of a slot is kept for, where the records would answer.
    pub(crate) fn origins(&self, slot: &Slot) -> Option<BTreeSet<String>> {
        self.kept(slot).ok().flatten().map(|entry| entry.origins)
    }

    /// Checks that the text of a slot may go to that destination, where the records would answer.
    ///
    /// # Errors
    /// It was not given for that destination: what the user has to do.
    pub(crate) fn check_destination(&self, slot: &Slot, destination: &Destination) -> Result<(), String> {
        if self.shadowed(slot).is_some() || slot.command().is_some() {
            return Ok(());
        }
        let Some(record) = self.record(slot)? else { return Ok(()) };
        let Some(record) = BoundRecord::parse(&record) else {
            let again = self.set_again(slot, None);
            return Err(format!("{again} (what the vault has was kept without the origins that it is for)"));
        };
        let known = listed(record.origins());
        match record.into_sharing(&slot.origins(&self.environment)) {
            Some(entry) if destination.fits(&entry.origins) => Ok(()),
            // Without an entry nothing is sent; an optional text is not asked for.
            None if slot.is_optional() => Ok(()),
            _ => Err(format!("{} (the vault has it for {known})", self.set_again(slot, Some(destination)))),
        }
    }

    /// Keeps the text of a slot for these origins.
    ///
    /// # Errors
    /// It cannot be kept: what the user has to mend.
    pub(crate) async fn keep(
        &self,
        slot: &Slot,
        origins: BTreeSet<String>,
        text: Secret,
    ) -> Result<(), String> {
        let name = slot.record();
        let _alone = self.records.exclusive(&name).await?;
        let mut record =
            self.records.get(&name)?.and_then(|record| BoundRecord::parse(&record)).unwrap_or_default();
        record.put(origins, text);
        self.records.put(&name, &record.to_record())
    }

    /// Lets go of what the records have for a slot and its origins. Whether there was something.
    ///
    /// # Errors
    /// It cannot be let go of: what the user has to mend.
    pub(crate) async fn discard(&self, slot: &Slot) -> Result<bool, String> {
        let name = slot.record();
        let _alone = self.records.exclusive(&name).await?;
        let Some(record) = self.records.get(&name)? else { return Ok(false) };
        let Some(mut record) = BoundRecord::parse(&record) else { return self.records.remove(&name) };
        let removed = record.remove(&slot.origins(&self.environment));
        match (removed, record.is_empty()) {
            (false, _) => Ok(false),
            (true, true) => self.records.remove(&name),
            (true, false) => self.records.put(&name, &record.to_record()).map(|()| true),
        }
    }

    /// The command that keeps a text anew, for another origin as well.
    fn set_again(&self, slot: &Slot, destination: Option<&Destination>) -> String {
        let (called, scheme, word) = (&self.called, shell_quoted(slot.scheme.name), slot.word.as_str());
        let origin = destination
            .map(|origin| format!(" --origin {}", shell_quoted(&origin.to_string())))
            .unwrap_or_default();
        format!("run `{called} auth set {scheme} {word}{origin}`")
    }

    /// The variable that is asked before the records, where it is set.
    pub(crate) fn shadowed(&self, slot: &Slot) -> Option<String> {
        let names = slot.variables().flat_map(|name| [format!("{name}_FILE"), name]);
        names.into_iter().find(|name| self.environment.get(name).is_some())
    }

    /// Lets go of what a command printed, so that it is asked again. Whether there was such a thing.
    pub(crate) fn forget(&self, slot: &Slot) -> bool {
        self.lock().remove(&slot.record()).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Secret>> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file's text without the line break at its end.
pub(crate) fn read(path: &Path) -> Result<Secret, String> {
    use std::io::Read as _;
    let shown = path.display();
    let file = std::fs::File::open(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("{shown} cannot be read: {error}"))?;
    whole_text(&bytes).map_err(|why| format!("{shown} {why}"))
}

/// What the program prints, without the line break at its end. What it says to stderr goes to the user.
async fn print(words: &'static [&'static str]) -> Result<Secret, String> {
    use tokio::io::AsyncReadExt as _;
    let Some((program, arguments)) = words.split_first() else {
        return Err("it names no program".to_owned());
    };
    let running = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut running = running.map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let finish = async {
        if let Some(out) = running.stdout.take() {
            out.take(MOST_BYTES + 1).read_to_end(&mut bytes).await?;
        }
        running.wait().await
    };
    let status = tokio::time::timeout(TIME_LIMIT, finish)
        .await
        .map_err(|_| format!("`{program}` did not end within {} seconds", TIME_LIMIT.as_secs()))?
        .map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    if !status.success() {
        return Err(format!("`{program}` failed: {status}"));
    }
    whole_text(&bytes).map_err(|why| format!("what `{program}` printed {why}"))
}

fn whole_text(bytes: &[u8]) -> Result<Secret, String> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("is longer than {MOST_BYTES} bytes"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "is no text".to_owned())?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err("is empty".to_owned()),
        text => Ok(Secret::new(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Command, Connector, Scheme};

    static ECHO: Connector = Connector::new("shop").schemes(&[
        Scheme::bearer("a").commands(&[Command::new("token", &["printf", "from a command\\n"])]),
        Scheme::bearer("b").commands(&[Command::new("token", &["false"])]),
    ]);

    async fn look_up(
        scheme: usize,
        variables: &[(&str, &str)],
    ) -> Result<Option<(String, Provenance)>, String> {
        let records = Arc::new(super::super::records::Memory::default());
        let store = Store::new(Environment::of(variables.iter().copied()), records, "shop-mcp");
        let slot = Slot::of(&ECHO, &ECHO.schemes[scheme]).next().unwrap();
        let held = store.find(&slot).await?;
        Ok(held.map(|held| (held.secret.expose().to_owned(), held.from)))
    }

    #[tokio::test]
    async fn the_first_place_wins_and_a_broken_one_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "from a file\r\n").unwrap();
        let file = path.to_str().unwrap();

        let found = look_up(0, &[("SHOP_TOKEN_A", "set"), ("SHOP_TOKEN_A_FILE", file)]).await;
        assert_eq!(found, Ok(Some(("set".to_owned(), Provenance::Variable("SHOP_TOKEN_A".to_owned())))));
        let found = look_up(0, &[("SHOP_TOKEN_A_FILE", file)]).await.unwrap().unwrap();
        assert_eq!(found.0, "from a file");
        let found = look_up(0, &[]).await.unwrap().unwrap();
        assert_eq!(found.0, "from a command");

        let error = look_up(0, &[("SHOP_TOKEN_A_FILE", "/nowhere/token")]).await.unwrap_err();
        assert!(error.contains("SHOP_TOKEN_A_FILE") && error.contains("/nowhere/token"), "{error}");
        let error = look_up(1, &[]).await.unwrap_err();
        assert!(error.contains("shop/b/token") && error.contains("`false` failed"), "{error}");
    }
}
