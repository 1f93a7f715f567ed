//! The folder of a connector's crate. It is created once, and the connector is generated into it repeatedly.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_codegen::{Files, LOCK_FILE, Layout, Runtime, Scaffold, o200k};
use jackfield_model::{Code, ConnectorName, Diagnostic};

use crate::disk::{self, Drift, Outcome};
use crate::document_copy;
use crate::error::Error;
use crate::manifest::{Manifest, Wording};
use crate::pipeline::{GivenDocument, Job, Stage, Watcher, model_of};
use crate::references::{self, Fetch};
use crate::relative::relative;
use crate::report::{Generated, Modelled};
use crate::workspace;

/// The folder whose files the generator owns.
const OWNED: &str = "src/generated";

/// A folder that contains, or will contain, a connector.
#[derive(Clone, Debug)]
pub struct CrateFolder {
    folder: PathBuf,
    job: Job,
    /// The user's files, for a new crate.
    scaffold: Option<Scaffold>,
    copy: Option<Copy>,
    /// Whether only jackfield.lock is written and checked.
    lock_only: bool,
}

/// A copy of the document, which is written when the connector is generated.
#[derive(Clone, Debug)]
struct Copy {
    /// The path of the existing copy in the connector.
    at: Option<String>,
}

/// The settings for a new connector.
#[derive(Clone, Debug)]
pub struct NewConnector {
    /// The document.
    pub document: PathBuf,
    /// The connector's name. Without it, a name is made from the document.
    pub name: Option<ConnectorName>,
    /// The source of the runtime dependency.
    pub runtime: Runtime,
    /// Whether the document may refer to files outside its folder.
    pub outside: bool,
    /// Whether connector.toml refers to the document in place instead of to a copy.
    pub link: bool,
    /// The document, if it is not a file. `document` is then the name of its copy.
    pub given: Option<GivenDocument>,
    /// The URL from which the document was fetched.
    pub url: Option<String>,
}

impl NewConnector {
    /// Creates a connector for a document, with a copy of the document.
    pub const fn of(document: PathBuf, runtime: Runtime) -> Self {
        Self { document, name: None, runtime, outside: false, link: false, given: None, url: None }
    }
}

impl CrateFolder {
    /// Opens the connector in `folder`.
    ///
    /// # Errors
    /// Returns an error if there is no connector.toml, or if it is invalid.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("connector.toml");
        if !path.is_file() {
            return Err(Error::plain(
                Diagnostic::error(Code::Manifest, None, format!("there is no {}", path.display()))
                    .so("nothing was generated")
                    .help("create a connector with `jackfield gen SPEC --out DIR`, or change to the folder of a connector"),
            ));
        }
        let job = Job::new(Manifest::read(&path)?);
        Ok(Self { folder: folder.to_path_buf(), job, scaffold: None, copy: None, lock_only: false })
    }

    /// Adds the other files of a crate to a folder that contains only a connector.toml.
    ///
    /// # Errors
    /// Returns an error if the runtime does not exist, or if the connector has no name.
    pub fn completed(mut self, runtime: &Runtime) -> Result<Self, Error> {
        if self.scaffold.is_some() || self.folder.join("Cargo.toml").exists() {
            return Ok(self);
        }
        let name = match &self.job.manifest.name {
            Some(name) => name.clone(),
            None => model_of(&self.job.clone().telling_added_origins())?.connector.name,
        };
        let target = absolute(&self.folder)?;
        let document = &self.job.manifest.document;
        // Git keeps a document in the folder byte for byte, like a copy that `gen` makes.
        let own = canonical(document).ok().filter(|document| document.starts_with(&target));
        self.scaffold = Some(Scaffold {
            name,
            document: own
                .as_ref()
                .map_or_else(|| document.display().to_string(), |own| relative(&target, own)),
            document_url: None,
            copied: own.is_some(),
            runtime: runtime_from(runtime, &target)?,
            outside: false,
            full_wording: false,
            has_jq: self.job.manifest.replies.iter().any(|choice| choice.jq.is_some()),
            has_manifest: true,
            surroundings: workspace::surroundings(&target),
        });
        Ok(self)
    }

    /// Opens the connector in `folder`, or creates it.
    ///
    /// # Errors
    /// Returns an error if the folder contains a connector for another document.
    pub fn open_or_create(folder: &Path, new: &NewConnector) -> Result<Self, Error> {
        if folder.join("connector.toml").is_file() {
            let mut opened = Self::open(folder)?;
            opened.take(new)?;
            if let (Some(wanted), Some(name)) = (&new.name, &opened.job.manifest.name)
                && wanted != name
            {
                return Err(Error::plain(
                    Diagnostic::error(
                        Code::Manifest,
                        None,
                        format!("the connector in {} has the name {name}, not {wanted}", folder.display()),
                    )
                    .so("nothing was generated")
                    .help("change `name` in its connector.toml, and the names in its Cargo.toml and main.rs"),
                ));
            }
            return opened.completed(&new.runtime);
        }
        let document = match &new.given {
            Some(_) => new.document.clone(),
            None => canonical(&new.document)?,
        };
        let target = absolute(folder)?;
        let manifest = Manifest::for_document(&document, new.name.clone()).allowing_outside(new.outside);
        let mut job = Job::new(manifest);
        job.manifest.document_url.clone_from(&new.url);
        job.lock.path = Some(folder.join(LOCK_FILE));
        job.shown_as = new.document.display().to_string();
        job.given.clone_from(&new.given);
        let name = match &new.name {
            Some(name) => name.clone(),
            // The document is read only if no name can be made from the file name, because its title is then needed.
            None => match stem(&document).filter(|_| new.given.is_none()) {
                Some(name) => name,
                None => model_of(&job)?.connector.name,
            },
        };
        job.manifest.name = Some(name.clone());
        // A document in the connector's folder is used without a copy.
        let copied = !new.link && (new.given.is_some() || !document.starts_with(&target));
        let scaffold = Scaffold {
            name,
            document: if new.given.is_some() { String::new() } else { relative(&target, &document) },
            document_url: new.url.clone(),
            copied,
            runtime: runtime_from(&new.runtime, &target)?,
            outside: new.outside,
            full_wording: false,
            has_jq: false,
            has_manifest: false,
            surroundings: workspace::surroundings(&target),
        };
        let copy = copied.then_some(Copy { at: None });
        Ok(Self { folder: folder.to_path_buf(), job, scaffold: Some(scaffold), copy, lock_only: false })
    }

    /// Sets the callback for progress.
    #[must_use]
    pub fn watched(mut self, watcher: Watcher) -> Self {
        self.job.watcher = watcher;
        self
    }

    /// Accepts these origins even if jackfield.lock does not list them.
    #[must_use]
    pub fn accepting(mut self, origins: impl IntoIterator<Item = String>) -> Self {
        self.job.lock.accepted.extend(origins);
        self
    }

    /// Chooses the names of all tools again, instead of keeping the names in jackfield.lock.
    #[must_use]
    pub const fn renewing_names(mut self, renews: bool) -> Self {
        self.job.lock.renews_names = renews;
        self
    }

    /// Sets the command that errors print as their remedy.
    #[must_use]
    pub fn generated_by(mut self, command: impl Into<String>) -> Self {
        self.job.lock.command = command.into();
        self
    }

    /// Writes only jackfield.lock, for a crate that generates its code in `build.rs`.
    #[must_use]
    pub const fn lock_only(mut self) -> Self {
        self.lock_only = true;
        self
    }

    /// Sets the fetcher for remote files.
    #[must_use]
    pub fn fetching(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.job.manifest.references.fetch = Some(fetch);
        self.job.manifest.references.store = references::store(&self.folder);
        self
    }

    /// Sets the wording of a new connector. An existing connector.toml must have the same wording.
    ///
    /// # Errors
    /// Returns an error if the existing connector.toml has another wording.
    pub fn worded(mut self, wording: Option<Wording>) -> Result<Self, Error> {
        let Some(wanted) = wording.filter(|wanted| *wanted != self.job.manifest.wording) else {
            return Ok(self);
        };
        let Some(scaffold) = self.scaffold.as_mut().filter(|scaffold| !scaffold.has_manifest) else {
            return Err(Error::plain(
                Diagnostic::error(
                    Code::Manifest,
                    None,
                    format!(
                        "the `wording` of the connector in {} differs from --wording",
                        self.folder.display()
                    ),
                )
                .so("nothing was generated")
                .help("change `wording` in its connector.toml"),
            ));
        };
        scaffold.full_wording = wanted == Wording::Full;
        self.job.manifest = self.job.manifest.worded(Some(wanted));
        Ok(self)
    }

    /// Returns the connector's name, if connector.toml or the user sets one.
    pub const fn name(&self) -> Option<&ConnectorName> {
        self.job.manifest.name.as_ref()
    }

    /// Whether generating replaces the copy of the document.
    pub const fn copies(&self) -> bool {
        self.copy.is_some()
    }

    /// Whether the connector does not exist yet.
    pub const fn is_new(&self) -> bool {
        self.scaffold.is_some()
    }

    /// Returns the folder of a new connector's runtime, if the runtime is a local folder.
    pub fn runtime_folder(&self) -> Option<&str> {
        match &self.scaffold.as_ref()?.runtime {
            Runtime::Path(path) => Some(path),
            Runtime::Git(_) | Runtime::Version(_) => None,
        }
    }

    /// Returns the model, in which origins that are missing from jackfield.lock are reported instead of refused. It
    /// is for display only.
    ///
    /// # Errors
    /// Returns an error if the document cannot be read, or if a choice matches nothing.
    pub fn shown_model(&self) -> Result<Modelled, Error> {
        model_of(&self.job.clone().telling_added_origins())
    }

    pub(crate) const fn job(&self) -> &Job {
        &self.job
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Generates in memory and writes nothing.
    ///
    /// # Errors
    /// Returns the errors of [`model_of`].
    pub fn generate(&self) -> Result<Generated, Error> {
        // The tokenizer is needed only for printing. Another core can decompress it while the document is read.
        drop(std::thread::Builder::new().spawn(o200k));
        let modelled = model_of(&self.job)?;
        self.job.watcher.tell(Stage::Printing);
        let mut generated = modelled.generate(&Layout::Crate);
        let mut scaffold = self.scaffold.clone();
        if let Some(copy) = &self.copy {
            let copied = document_copy::copy(&self.job, &generated.report.read, copy.at.as_deref())?;
            if let Some(scaffold) = &mut scaffold {
                scaffold.document = copied.document;
            }
            generated.files.extend(copied.files);
        }
        if let Some(scaffold) = scaffold {
            generated.files.extend(scaffold.files());
        }
        Ok(generated)
    }

    /// Writes the files that changed, and removes files that are no longer generated.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn write(&self, generated: &Generated) -> Result<Outcome, Error> {
        match self.lock_only {
            true => disk::write(&lock_of(generated), &self.folder, None),
            false => disk::write(&generated.files, &self.folder, Some(OWNED)),
        }
    }

    /// Returns the changes that [`CrateFolder::write`] would make.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn check(&self, generated: &Generated) -> Result<Vec<Drift>, Error> {
        match self.lock_only {
            true => disk::check(&lock_of(generated), &self.folder, None),
            false => disk::check(&generated.files, &self.folder, Some(OWNED)),
        }
    }

    /// Uses a document for an existing connector. The document has to be the file that connector.toml names. If that file is a copy, a
    /// newer file with the same name is accepted too. Any other document is refused.
    fn take(&mut self, new: &NewConnector) -> Result<(), Error> {
        let known = fs::canonicalize(&self.job.manifest.document).ok();
        if new.given.is_none() && Some(canonical(&new.document)?) == known {
            return Ok(());
        }
        let folder = absolute(&self.folder)?;
        let has_copy = known.as_ref().filter(|known| known.starts_with(&folder) && !new.link);
        let has_same_name =
            new.given.is_some() || new.document.file_name() == self.job.manifest.document.file_name();
        if let Some(known) = has_copy.filter(|_| has_same_name) {
            self.copy = Some(Copy { at: Some(relative(&folder, known)) });
            self.job.manifest.document.clone_from(&new.document);
            self.job.shown_as = new.document.display().to_string();
            self.job.given.clone_from(&new.given);
            return Ok(());
        }
        Err(Error::plain(
            Diagnostic::error(
                Code::Manifest,
                None,
                format!(
                    "{} contains a connector for another document, {}",
                    self.folder.display(),
                    self.job.manifest.document.display()
                ),
            )
            .so("nothing was generated")
            .help("choose another folder with --out, or change `document` in its connector.toml"),
        ))
    }
}

pub(crate) fn canonical(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|error| Error::file(path, "read", &error))
}

/// Returns the connector name made from the document's file name.
fn stem(document: &Path) -> Option<ConnectorName> {
    ConnectorName::from_text(&document.file_stem()?.to_string_lossy())
}

/// Returns the runtime dependency for a Cargo.toml in `target`. A folder in the same repository gets a
/// relative path. Any other folder gets an absolute path, so that the connector can be moved or cloned on
/// this machine.
fn runtime_from(runtime: &Runtime, target: &Path) -> Result<Runtime, Error> {
    let Runtime::Path(path) = runtime else { return Ok(runtime.clone()) };
    let path = Path::new(path);
    let whole = fs::canonicalize(path).map_err(|error| Error::file(path, "find", &error))?;
    let repository = target.ancestors().find(|folder| folder.join(".git").exists());
    Ok(Runtime::Path(match repository.filter(|repository| whole.starts_with(repository)) {
        Some(_) => relative(target, &whole),
        None => whole.display().to_string(),
    }))
}

/// Keeps only jackfield.lock.
fn lock_of(generated: &Generated) -> Files {
    let mut files = Files::default();
    if let Some(file) = generated.files.get(LOCK_FILE) {
        files.add(LOCK_FILE.to_owned(), file.owner, file.text.clone());
    }
    files
}

/// Returns the absolute path of the folder with links resolved. The last components need not exist yet.
pub(crate) fn absolute(folder: &Path) -> Result<PathBuf, Error> {
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
