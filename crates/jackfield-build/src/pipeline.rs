//! The pipeline of all front ends: bytes are parsed to a document, lowered to a model, and printed to files.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use jackfield_codegen::Origin;
use jackfield_model::{Code, ConnectorName, Diagnostic, Effect, Place, Pointer, Server, Severity, ToolName};
use jackfield_openapi::{Choices, Document, Lowered, Source};
use jackfield_surface::{Census, Decided, Digest, Facts, Known};

use crate::applied_choices::AppliedChoices;
use crate::auth;
use crate::bodies::BodyRules;
use crate::caching;
use crate::contents;
use crate::destinations::LockCheck;
use crate::document_extensions;
use crate::error::Error;
use crate::jobs;
use crate::loader::FolderLoader;
use crate::manifest::Manifest;
use crate::merges;
use crate::named_tools::NamedTools;
use crate::promoted;
use crate::rates;
use crate::replies;
use crate::report::{Modelled, Report};
use crate::resources;
use crate::rule_findings::rule_findings;
use crate::show::Shown;
use crate::unmatched::{unmatched, unmatched_parameters};

/// A stage of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Bytes are read and parsed.
    Reading,
    /// The document becomes a model.
    Lowering,
    /// The model becomes code.
    Printing,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 3] = [Self::Reading, Self::Lowering, Self::Printing];

    /// Returns the name of the stage in the progress display.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Lowering => "understanding",
            Self::Printing => "printing",
        }
    }
}

/// A callback for the stages of a run.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(Stage) + Send + Sync>);

impl Watcher {
    /// Calls `tell` at the start of each stage.
    pub fn new(tell: impl Fn(Stage) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, stage: Stage) {
        (self.0)(stage);
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

/// A document that is not a local file.
#[derive(Clone, Debug)]
pub struct GivenDocument {
    /// The contents of the document.
    pub bytes: Arc<[u8]>,
    /// Whether the document was fetched. The files that a fetched document references are missing.
    pub fetched: bool,
}

/// The input of a run.
#[derive(Clone, Debug)]
pub struct Job {
    /// The parsed connector.toml.
    pub manifest: Manifest,
    /// The document's name in messages.
    pub shown_as: String,
    /// The callback for progress.
    pub watcher: Watcher,
    /// The document, if it is not the file that the manifest names.
    pub given: Option<GivenDocument>,
    /// Overlays that are not files: a name and the text of each. They are applied after the overlays of the manifest.
    pub(crate) overlays: Vec<(String, String)>,
    /// The lock with which the reached origins are compared.
    pub(crate) lock: LockCheck,
}

impl Job {
    /// Creates a job for a manifest. Messages name the document as the manifest spells it.
    pub fn new(manifest: Manifest) -> Self {
        let shown_as = manifest.document.display().to_string();
        let lock = LockCheck::of(&manifest);
        Self { manifest, shown_as, watcher: Watcher::default(), given: None, overlays: Vec::new(), lock }
    }

    /// Applies an overlay that is not a file, after all others.
    #[must_use]
    pub fn overlaid(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.overlays.push((name.into(), text.into()));
        self
    }

    /// Reports origins that are missing from the lock instead of failing. Only commands that display a connector may set this, because
    /// calls could reach these origins.
    #[must_use]
    pub const fn telling_added_origins(mut self) -> Self {
        self.lock.refuses = false;
        self
    }
}

/// Parses the document and lowers it with the choices of the manifest.
///
/// # Errors
/// Returns an error if the document cannot be read, or if a choice matches nothing.
pub fn model_of(job: &Job) -> Result<Modelled, Error> {
    let manifest = &job.manifest;
    let path = &manifest.document;
    job.watcher.tell(Stage::Reading);
    let bytes = match &job.given {
        Some(given) => given.bytes.to_vec(),
        None => fs::read(path).map_err(|error| Error::file(path, "read", &error))?,
    };
    let overlays = overlays(job)?;
    let mut loader = FolderLoader::new(path, &job.shown_as, &manifest.references, manifest.limits.bytes);
    if job.given.as_ref().is_some_and(|given| given.fetched) {
        loader = loader.without_files();
    }
    let document =
        jackfield_openapi::read_overlaid(&job.shown_as, &bytes, &overlays, &mut loader, &manifest.limits)
            .map_err(|findings| Error::of(show_in(&job.shown_as, &bytes, &overlays, findings, manifest)))?;
    let name = name_of(job, &document)?;
    if !loader.unpinned().is_empty() {
        return Err(Error::plain(unpinned(loader.unpinned())));
    }
    job.watcher.tell(Stage::Lowering);
    let candidates = jackfield_openapi::candidates(&document);
    let base = Choices {
        document_url: manifest.document_url.clone(),
        server: manifest.servers.first().cloned(),
        named: job.lock.named(manifest)?,
        require: auth::require(manifest),
        inherit_empty: manifest.auth.inherit_empty.is_some(),
        form_objects: manifest.forms.objects(),
        ..Choices::everything(name)
    };
    let mut facts: Vec<Facts<'_>> = candidates.iter().map(Facts::of_candidate).collect();
    let drafts = match needs_drafts(manifest, &facts) {
        true => draft(job, &document, &base)?,
        false => Drafts::new(),
    };
    for facts in &mut facts {
        if let Some((name, effect)) = drafts.get(&facts.route()) {
            (facts.tool, facts.effect) = (Some(name.as_str()), Some(*effect));
        }
    }
    let [include, exclude] = [&manifest.include, &manifest.exclude]
        .map(|list| list.iter().map(|(selector, _)| selector).collect::<Vec<_>>());
    let selected = jackfield_surface::select(&facts, &include, &exclude);
    let bodies = BodyRules::of(manifest, &facts, &selected.chosen);
    let chosen = |rules: &BTreeMap<String, usize>| rules.clone().into_iter();
    let mut choices = Choices {
        chosen: Some(selected.chosen.clone()),
        media: chosen(&bodies.media)
            .map(|(route, rule)| (route, manifest.media.rules[rule].1.0.clone()))
            .collect(),
        forms: chosen(&bodies.forms)
            .map(|(route, rule)| (route, manifest.forms.operations.rules[rule].1))
            .collect(),
        whole_bodies: bodies.whole.keys().cloned().collect(),
        ..base
    };
    let declared = jackfield_openapi::declared_schemes(&document, &choices);
    let (schemes, refused) = auth::schemes(manifest, declared);
    choices.schemes = Some(schemes);
    let census = census(&document, &choices, &selected.chosen);
    let sources: Vec<&Source> = document.sources().collect();
    // Lowering uses only one core.
    let (digest, mut lowered) = thread::scope(|scope| {
        let digest = thread::Builder::new().spawn_scoped(scope, || digest(&sources));
        let lowered = jackfield_openapi::lower(&document, &choices);
        let digest = digest.ok().and_then(|digest| digest.join().ok());
        (digest.unwrap_or_else(|| self::digest(&sources)), lowered)
    });
    let mut errors = refused;
    if errors.is_empty() {
        errors = auth::unmatched(manifest, &lowered);
    }
    errors.extend(unmatched(manifest, &|| Known::of(&facts), &selected, &bodies, &lowered.matched));
    let root = Place { file: document.root().place().file, pointer: Pointer::root() };
    let note = document_extensions::note(&facts, &selected.chosen, &lowered.connector, root);
    lowered.diagnostics.extend(note);
    drop(facts);
    errors.extend(unmatched_parameters(manifest, &lowered.connector));
    let mut read: Vec<PathBuf> = job.given.is_none().then(|| path.clone()).into_iter().collect();
    read.extend(manifest.overlays.iter().cloned());
    read.extend(manifest.auth.ca.iter().map(|(path, _)| path.clone()));
    read.extend(loader.into_read());
    let file_name =
        path.file_name().map_or_else(|| job.shown_as.clone(), |name| name.to_string_lossy().into_owned());
    finish(job, document, lowered, census, errors, read, Origin { document: file_name, digest })
}

/// The names and effects that the tools would have without `include` and `exclude`, by route.
type Drafts = BTreeMap<String, (ToolName, Effect)>;

/// Whether a selector that is applied before lowering may refer to the name or effect of a tool: it contains `tool:` or `effect:`, or it
/// matches no operation.
fn needs_drafts(manifest: &Manifest, operations: &[Facts<'_>]) -> bool {
    let lists = manifest.include.iter().chain(&manifest.exclude).map(|(selector, _)| selector);
    let mut selectors = lists
        .chain(manifest.media.selectors())
        .chain(manifest.forms.operations.selectors())
        .chain(manifest.whole_bodies.selectors());
    selectors
        .any(|selector| selector.needs_tool() || selector.without_negation().chosen(operations).is_empty())
}

fn draft(job: &Job, document: &Document, choices: &Choices) -> Result<Drafts, Error> {
    let connector = jackfield_openapi::lower(document, choices).connector;
    let mut surface = job.manifest.surface();
    surface.names.kept = job.lock.names(&connector)?;
    Ok(jackfield_surface::draft(connector, &surface).into_iter().collect())
}

/// Returns the parameters that the whole document repeats, if only some of its operations are selected. The selection
/// must not affect which parameters become settings.
fn census(document: &Document, choices: &Choices, chosen: &[bool]) -> Option<Census> {
    if chosen.iter().all(|is_chosen| *is_chosen) {
        return None;
    }
    let whole = Choices { chosen: None, ..choices.clone() };
    Some(Census::of_document(jackfield_openapi::lower(document, &whole).connector))
}

fn finish(
    job: &Job,
    document: Document,
    lowered: Lowered,
    census: Option<Census>,
    mut errors: Vec<Diagnostic>,
    read: Vec<PathBuf>,
    origin: Origin,
) -> Result<Modelled, Error> {
    let manifest = &job.manifest;
    let Lowered { mut connector, count, skips, mut diagnostics, .. } = lowered;
    if !manifest.servers.is_empty() {
        connector.servers = manifest.servers.iter().map(Server::at).collect();
        diagnostics.retain(|finding| finding.code != Code::NoServer);
    }
    let root = Place { file: document.root().place().file, pointer: Pointer::root() };
    if !count.is_whole() {
        errors.push(
            Diagnostic::error(
                Code::BrokenCount,
                Some(root.clone()),
                format!("some operations were neither generated nor reported: {count:?}"),
            )
            .so("the output cannot be trusted")
            .help("report this as a bug in Jackfield, with the document"),
        );
    }
    if connector.groups.is_empty() && errors.is_empty() {
        let problem = match count.operations {
            0 => "the document has no operations".to_owned(),
            all => format!("none of the document's {all} operations became a tool"),
        };
        diagnostics.push(
            Diagnostic {
                severity: Severity::Warning,
                ..Diagnostic::error(Code::NoOperations, Some(root), problem)
            }
            .so("the connector serves only hand-written tools")
            .help("see the other findings, and `include` and `exclude` in connector.toml"),
        );
    }
    let needed_none = connector.needs().next().is_none();
    let mut surface = manifest.surface();
    surface.names.kept = job.lock.names(&connector)?;
    surface.parameters.census = census;
    let Decided {
        mut connector,
        names,
        findings,
        constants,
        mut faults,
        mut merge_faults,
        argument_faults,
        effect_rules,
    } = jackfield_surface::decide(connector, &surface);
    diagnostics.extend(findings);
    if needed_none && connector.needs().next().is_some() {
        diagnostics.retain(|finding| finding.code != Code::UnusedSchemes);
    }
    if errors.is_empty() {
        errors.extend(auth::unneeded(manifest, &connector));
    }
    diagnostics.extend(auth::finish(manifest, &mut connector)?);
    connector.instructions = manifest.instructions.clone().unwrap_or_default();
    connector.surface = manifest.surface;
    connector.timeouts = manifest.timeouts;
    connector.retry = manifest.retry;
    let mut tools = NamedTools { manifest, connector: &mut connector, names: &names, faults: &mut faults };
    errors.extend(promoted::apply(&mut tools));
    errors.extend(jobs::apply(&mut tools));
    errors.extend(replies::apply(&mut tools));
    errors.extend(caching::apply(&mut tools));
    errors.extend(resources::apply(&mut tools));
    let rates = rates::limits(&mut tools);
    errors.extend(contents::apply(manifest, &mut connector, &names));
    connector.rates = rates;
    if merge_faults.is_empty() {
        merge_faults = merges::apply(manifest, &mut connector, &names);
    }
    errors.extend(rule_findings(manifest, &document, &names, &faults, &argument_faults, &merge_faults));
    let report = Report { count, skips, diagnostics, read, document };
    if !errors.is_empty() {
        return Err(Error::of(errors.into_iter().map(Shown::without_lines).collect()));
    }
    let lock = job.lock.check(manifest, &mut connector)?;
    let choices = AppliedChoices::of(manifest, &connector, &names, &effect_rules);
    Ok(Modelled { connector, report, names, constants, origin, lock, choices })
}

/// Returns the name in connector.toml, or a name made from the document's file name or title. For a fetched document,
/// the title takes precedence over the file name.
fn name_of(job: &Job, document: &Document) -> Result<ConnectorName, Error> {
    let manifest = &job.manifest;
    let title = || {
        let info = document.root().get("info")?;
        ConnectorName::from_text(info.text("title")?)
    };
    let stem = || ConnectorName::from_text(&manifest.document.file_stem()?.to_string_lossy());
    let after = || if job.given.is_some() { title().or_else(stem) } else { stem().or_else(title) };
    manifest.name.clone().or_else(after).ok_or_else(|| {
        Error::plain(
            Diagnostic::error(
                Code::Manifest,
                None,
                "the connector has no name, and no name can be made from the document's file name or title",
            )
            .so("nothing was generated")
            .help("set `name = \"bookshop\"` in connector.toml, or add --name bookshop"),
        )
    })
}

/// Returns the digest of all files that were read, in order.
fn digest(sources: &[&Source]) -> Digest {
    Digest::of(sources.iter().map(|source| source.text().as_bytes()))
}

/// Returns the overlays: their paths and bytes.
fn overlays(job: &Job) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let read = |path: &PathBuf| match fs::read(path) {
        Ok(bytes) => Ok((path.display().to_string(), bytes)),
        Err(error) => Err(Error::file(path, "read", &error)),
    };
    let added = job.overlays.iter().map(|(name, text)| Ok((name.clone(), text.clone().into_bytes())));
    job.manifest.overlays.iter().map(read).chain(added).collect()
}

/// Adds the lines of the document or overlay to findings that ended parsing.
fn show_in(
    name: &str,
    bytes: &[u8],
    overlays: &[(String, Vec<u8>)],
    findings: Vec<Diagnostic>,
    manifest: &Manifest,
) -> Vec<Shown> {
    let files = overlays.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    // A file that can be parsed but is refused for another reason still shows its line.
    let sources: Vec<Source> = std::iter::once((name, bytes))
        .chain(files)
        .filter(|(name, _)| {
            findings.iter().any(|finding| finding.place.as_ref().is_some_and(|place| *place.file == **name))
        })
        .filter_map(|(name, bytes)| jackfield_openapi::source::parse(name, bytes, &manifest.limits).ok())
        .map(|parsed| parsed.source)
        .collect();
    Shown::all(findings, sources.iter())
}

/// Returns the finding about fetched files: they are used only after a user has reviewed and pinned them.
fn unpinned(found: &[(String, String)]) -> Diagnostic {
    let lines: Vec<String> = found.iter().map(|(address, pin)| format!("{address:?} = {pin:?}")).collect();
    Diagnostic::error(
        Code::RefusedRef,
        None,
        format!("{} remote files were fetched and are not pinned", found.len()),
    )
    .so("nothing was generated; their copies are in references/ for review")
    .help(format!(
        "if the files are as expected, add these lines to connector.toml:\n\n[references.remote]\n{}\n",
        lines.join("\n")
    ))
}
