//! A connector's crate on disk: made once, generated into again and again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_codegen::{Files, LOCK_FILE, Layout, Runtime, Scaffold};
use jackfield_model::{Code, ConnectorName, Diagnostic};

use crate::disk::{self, Drift, Outcome};
use crate::error::Error;
use crate::manifest::{Manifest, Wording};
use crate::pipeline::{Job, Stage, Watcher, model_of};
use crate::references::{self, Fetch};
use crate::relative::relative;
use crate::report::Generated;
use crate::workspace;

/// The folder that the generator owns.
const OWNED: &str = "src/generated";

/// A folder that holds, or will hold, a connector.
#[derive(Clone, Debug)]
pub struct CrateFolder {
    folder: PathBuf,
    job: Job,
    /// The user's files, where the crate is new.
    scaffold: Option<Files>,
    /// Whether jackfield.lock alone is written and checked.
    lock_only: bool,
}

/// What a new connector is made with.
#[derive(Clone, Debug)]
pub struct NewConnector {
    /// The document.
    pub document: PathBuf,
    /// The connector's name, where it is not to be called after the document.
    pub name: Option<ConnectorName>,
    /// Where its runtime comes from.
    pub runtime: Runtime,
    /// Whether its document may refer to files outside its folder.
    pub outside: bool,
}

impl CrateFolder {
    /// The connector in `folder`.
    ///
    /// # Errors
    /// There is no connector.toml, or it cannot be understood.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("connector.toml");
        if !path.is_file() {
            return Err(Error::plain(
                Diagnostic::error(Code::Manifest, None, format!("there is no {}", path.display()))
                    .so("it is not known what to generate")
                    .help("make a connector with `jackfield gen SPEC --out DIR`, or go to the folder of one"),
            ));
        }
        let job = Job::new(Manifest::read(&path)?);
        Ok(Self { folder: folder.to_path_buf(), job, scaffold: None, lock_only: false })
    }

    /// The connector in `folder`, made if it is not there yet.
    ///
    /// # Errors
    /// The folder holds a connector of another document.
    pub fn open_or_create(folder: &Path, new: &NewConnector) -> Result<Self, Error> {
        if folder.join("connector.toml").is_file() {
            let opened = Self::open(folder)?;
            opened.holds(&new.document)?;
            if let (Some(wanted), Some(name)) = (&new.name, &opened.job.manifest.name)
                && wanted != name
            {
                return Err(Error::plain(
                    Diagnostic::error(
                        Code::Manifest,
                        None,
                        format!("the connector in {} is called {name}", folder.display()),
                    )
                    .so("nothing was generated")
                    .help("change `name` in its connector.toml, and the names in its Cargo.toml and main.rs"),
                ));
            }
            return Ok(opened);
        }
        let document =
            fs::canonicalize(&new.document).map_err(|error| Error::file(&new.document, "read", &error))?;
        let target = absolute(folder)?;
        let manifest = Manifest::for_document(&document, new.name.clone()).allowing_outside(new.outside);
        let mut job = Job::new(manifest);
        job.lock.path = Some(folder.join(LOCK_FILE));
        job.shown_as = new.document.display().to_string();
        let name = match &new.name {
            Some(name) => name.clone(),
            // The whole document is read for its title only where the file's name says nothing.
            None => {
                match document.file_stem().and_then(|stem| ConnectorName::from_text(&stem.to_string_lossy()))
                {
                    Some(name) => name,
                    None => model_of(&job)?.connector.name,
                }
            }
        };
        job.manifest.name = Some(name.clone());
        let runtime = match &new.runtime {
            Runtime::Path(path) => {
                let runtime = Path::new(path);
                let absolute =
                    fs::canonicalize(runtime).map_err(|error| Error::file(runtime, "find", &error))?;
                Runtime::Path(relative(&target, &absolute))
            }
            other => other.clone(),
        };
        let scaffold = Scaffold {
            name,
            document: relative(&target, &document),
            runtime,
            outside: new.outside,
            surroundings: workspace::surroundings(&target),
        };
        let scaffold = Some(scaffold.files());
        Ok(Self { folder: folder.to_path_buf(), job, scaffold, lock_only: false })
    }

    /// The same, with somebody who is told how far it has come.
    #[must_use]
    pub fn watched(mut self, watcher: Watcher) -> Self {
        self.job.watcher = watcher;
        self
    }

    /// The same, with these origins accepted, whether or not jackfield.lock has them.
    #[must_use]
    pub fn accepting(mut self, origins: impl IntoIterator<Item = String>) -> Self {
        self.job.lock.accepted.extend(origins);
        self
    }

    /// The same, generated by that command: refusals print it.
    #[must_use]
    pub fn generated_by(mut self, command: impl Into<String>) -> Self {
        self.job.lock.command = command.into();
        self
    }

    /// The same, of which jackfield.lock alone is written: for a crate that generates the rest in `build.rs`.
    #[must_use]
    pub const fn lock_only(mut self) -> Self {
        self.lock_only = true;
        self
    }

    /// The same, with somebody who fetches what connector.toml pins or is to pin.
    #[must_use]
    pub fn fetching(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.job.manifest.references.fetch = Some(fetch);
        self.job.manifest.references.store = references::store(&self.folder);
        self
    }

    /// The same, with that wording where there is one: a new connector.toml says it, and one that is there has to.
    ///
    /// # Errors
    /// The connector.toml that is there says otherwise.
    pub fn worded(mut self, wording: Option<Wording>) -> Result<Self, Error> {
        let Some(wanted) = wording.filter(|wanted| *wanted != self.job.manifest.wording) else {
            return Ok(self);
        };
        let Some(scaffold) = &mut self.scaffold else {
            return Err(Error::plain(
                Diagnostic::error(
                    Code::Manifest,
                    None,
                    format!("the connector in {} has another wording", self.folder.display()),
                )
                .so("nothing was generated")
                .help("change `wording` in its connector.toml"),
            ));
        };
        if let Some(file) = scaffold.get("connector.toml") {
            let text = file.text.replace("# wording = \"full\"", "wording = \"full\"");
            let owner = file.owner;
            scaffold.add("connector.toml".to_owned(), owner, text);
        }
        self.job.manifest = self.job.manifest.worded(Some(wanted));
        Ok(self)
    }

    /// Whether it is not on disk yet.
    pub const fn is_new(&self) -> bool {
        self.scaffold.is_some()
    }

    /// Reads, lowers and prints; nothing is written.
    ///
    /// # Errors
    /// As [`model_of`].
    pub fn generate(&self) -> Result<Generated, Error> {
        let modelled = model_of(&self.job)?;
        self.job.watcher.tell(Stage::Printing);
        let mut generated = modelled.generate(&Layout::Crate);
        if let Some(scaffold) = &self.scaffold {
            generated.files.extend(scaffold.clone());
        }
        Ok(generated)
    }

    /// Writes what changed, and removes what is no longer made.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, generated: &Generated) -> Result<Outcome, Error> {
        match self.lock_only {
            true => disk::write(&lock_of(generated), &self.folder, None),
            false => disk::write(&generated.files, &self.folder, Some(OWNED)),
        }
    }

    /// Says what [`CrateFolder::write`] would change.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn check(&self, generated: &Generated) -> Result<Vec<Drift>, Error> {
        match self.lock_only {
            true => disk::check(&lock_of(generated), &self.folder, None),
            false => disk::check(&generated.files, &self.folder, Some(OWNED)),
        }
    }

    /// Refuses a folder that belongs to another document.
    fn holds(&self, document: &Path) -> Result<(), Error> {
        let canonical =
            |path: &Path| fs::canonicalize(path).map_err(|error| Error::file(path, "read", &error));
        if canonical(document)? == canonical(&self.job.manifest.document)? {
            return Ok(());
        }
        Err(Error::plain(
            Diagnostic::error(
                Code::Manifest,
                None,
                format!(
                    "{} holds a connector of {}",
                    self.folder.display(),
                    self.job.manifest.document.display()
                ),
            )
            .so("nothing was generated")
            .help("choose another folder with --out, or change `document` in its connector.toml"),
        ))
    }
}

/// The lock alone.
fn lock_of(generated: &Generated) -> Files {
    let mut files = Files::default();
    if let Some(file) = generated.files.get(LOCK_FILE) {
        files.add(LOCK_FILE.to_owned(), file.owner, file.text.clone());
    }
    files
}

/// The folder's place without links, even where its last parts are not there yet.
fn absolute(folder: &Path) -> Result<PathBuf, Error> {
    let plain = std::path::absolute(folder).map_err(|error| Error::file(folder, "find", &error))?;
    let mut missing = Vec::new();
    let mut known = plain.as_path();
    loop {
        if let Ok(found) = fs::canonicalize(known) {
            return Ok(missing.iter().rev().fold(found, |path, part| path.join(part)));
        }
        match (known.file_name(), known.parent()) {
            (Some(part), Some(parent)) => {
                missing.push(part.to_owned());
                known = parent;
            }
            _ => return Ok(plain),
        }
    }
}
