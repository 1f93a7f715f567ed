//! connector.toml: the document, and the choices about its tools.

mod arguments;
mod auth;
mod cache;
mod choice_lines;
mod contents;
mod describe;
mod document;
mod form;
mod headers;
mod jobs;
mod merge;
mod overlays;
mod patience;
mod prompts;
mod query;
mod rate;
mod refusal;
mod replies;
mod resources;
mod rules;
mod scheme;
mod surface;
mod unknown;
mod wording;
mod written;
mod written_text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jackfield_model::text::toml_text;
use jackfield_model::{
    Ask, Caching, Code, ConnectorName, Diagnostic, Effect, Place, RetryLimits, SurfaceKind, TimeLimits,
    ToolName, origin_of,
};
use jackfield_openapi::Limits;
use jackfield_surface::{Description, LONGEST, Names, Selector};
use toml::Spanned;

use refusal::place;
use written::{Written, WrittenBody};

use crate::error::Error;
use crate::references::{self, References};
use crate::value_check::value_check;
pub(crate) use arguments::Arguments;
pub(crate) use auth::Auth;
pub(crate) use contents::ContentChoices;
pub(crate) use form::Forms;
pub(crate) use jobs::JobChoice;
pub(crate) use merge::Merges;
pub(crate) use rate::{RateChoice, Rates};
pub(crate) use refusal::{Refusal, Span};
pub(crate) use replies::{ReplyChoice, ReplyChoices};
pub(crate) use resources::{LONGEST_URI, ResourceChoice};
pub(crate) use rules::RuleTable;
pub(crate) use scheme::{SchemeChoice, SchemeType};
pub use wording::Wording;

/// A parsed connector.toml.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file name in messages. None for choices from a command line.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
    /// The folder of the file. None for choices from a command line.
    pub(crate) folder: Option<PathBuf>,
    /// The path of the document, relative to the working directory.
    pub(crate) document: PathBuf,
    /// The overlays, in the order of their application.
    pub(crate) overlays: Vec<PathBuf>,
    pub(crate) name: Option<ConnectorName>,
    /// The selection of operations, with the position of each selector.
    pub(crate) include: Vec<(Selector, Span)>,
    pub(crate) exclude: Vec<(Selector, Span)>,
    pub(crate) renames: RuleTable<ToolName>,
    /// The maximum length of a generated tool name.
    pub(crate) longest: usize,
    pub(crate) effects: RuleTable<Effect>,
    /// Whether calls of tools wait for a person's approval.
    pub(crate) asks: RuleTable<Ask>,
    pub(crate) descriptions: RuleTable<Description>,
    pub(crate) titles: RuleTable<String>,
    /// The text that clients give to models.
    pub(crate) instructions: Option<String>,
    /// The decisions about arguments of tools.
    pub(crate) arguments: Arguments,
    /// The operations that become one tool.
    pub(crate) merges: Merges,
    /// The media type of bodies, with its position.
    pub(crate) media: RuleTable<(String, Span)>,
    /// The encoding of objects in forms.
    pub(crate) forms: Forms,
    /// The operations whose request body is one argument (`[body]`, `"whole"`).
    pub(crate) whole_bodies: RuleTable<()>,
    pub(crate) servers: Vec<String>,
    /// Whether tools have output schemas.
    pub(crate) output_schemas: bool,
    /// The URL at which the document is published.
    pub(crate) document_url: Option<String>,
    pub(crate) limits: Limits,
    pub(crate) references: References,
    pub(crate) wording: Wording,
    /// Which tools clients see.
    pub(crate) surface: SurfaceKind,
    /// The promoted tools.
    pub(crate) promote: RuleTable<()>,
    /// The limits on the calls of each caller.
    pub(crate) rates: Rates,
    /// The rules for replies, and how jobs are followed.
    pub(crate) replies: ReplyChoices,
    pub(crate) jobs: RuleTable<JobChoice>,
    /// Resources, prompts and documentation.
    pub(crate) contents: ContentChoices,
    /// The time limits of calls.
    pub(crate) timeouts: TimeLimits,
    /// The limits of retries.
    pub(crate) retry: RetryLimits,
    /// Which replies are cached.
    pub(crate) caches: RuleTable<Caching>,
    /// Names and values of headers that are sent with every request.
    pub(crate) headers: Vec<(String, String)>,
    /// Values of query parameters for all operations that declare them, with positions.
    pub(crate) query: Vec<(String, String, Span)>,
    /// Parameters that remain arguments, with positions.
    pub(crate) ask_for: Vec<(String, Span)>,
    pub(crate) auth: Auth,
}

/// Returns the files that the text of a connector.toml names, relative to its folder.
///
/// # Errors
/// Returns an error if the text cannot be parsed.
pub fn files_of_manifest(text: &str) -> Result<Vec<String>, Error> {
    let manifest = Manifest::parse("connector.toml", text, Path::new(""))?;
    let files = std::iter::once(manifest.document).chain(manifest.overlays);
    let files = files.chain(manifest.auth.ca.iter().map(|(path, _)| path.clone()));
    Ok(files.map(|file| file.to_string_lossy().into_owned()).collect())
}

const NAME_LIMITS: std::ops::RangeInclusive<usize> = 20..=64;

impl Manifest {
    /// Creates a manifest without choices, for a document without a connector.toml.
    pub fn for_document(document: &Path, name: Option<ConnectorName>) -> Self {
        Self {
            file: None,
            folder: None,
            text: String::new(),
            document: document.to_path_buf(),
            overlays: Vec::new(),
            name,
            include: Vec::new(),
            exclude: Vec::new(),
            renames: RuleTable::default(),
            longest: LONGEST,
            effects: RuleTable::default(),
            asks: RuleTable::default(),
            descriptions: RuleTable::default(),
            titles: RuleTable::default(),
            instructions: None,
            arguments: Arguments::default(),
            merges: Merges::default(),
            media: RuleTable::default(),
            forms: Forms::default(),
            whole_bodies: RuleTable::default(),
            servers: Vec::new(),
            output_schemas: false,
            document_url: None,
            limits: Limits::default(),
            references: References::default(),
            wording: Wording::default(),
            surface: SurfaceKind::default(),
            promote: RuleTable::default(),
            rates: Rates::default(),
            replies: ReplyChoices::default(),
            jobs: RuleTable::default(),
            contents: ContentChoices::default(),
            timeouts: TimeLimits::new(),
            retry: RetryLimits::new(),
            caches: RuleTable::default(),
            headers: Vec::new(),
            query: Vec::new(),
            ask_for: Vec::new(),
            auth: Auth::default(),
        }
    }

    /// Returns the choices about tools.
    pub(crate) fn surface(&self) -> jackfield_surface::Choices {
        jackfield_surface::Choices {
            names: Names::default(),
            renames: self.renames.rules.clone(),
            longest: self.longest,
            effects: self.effects.rules.clone(),
            asks: self.asks.rules.clone(),
            descriptions: self.descriptions.rules.clone(),
            titles: self.titles.rules.clone(),
            arguments: self.arguments.tables.rules.clone(),
            merges: self.merges.choices.clone(),
            check: value_check(),
            is_lean: self.wording == Wording::Lean,
            outputs: self.output_schemas,
            parameters: jackfield_surface::ParameterChoices {
                headers: self.headers.iter().map(|(name, _)| name.clone()).collect(),
                query: self.query.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect(),
                ask_for: self.ask_for.iter().map(|(name, _)| name.clone()).collect(),
                census: None,
            },
        }
    }

    /// Sets the wording, if given.
    #[must_use]
    pub fn worded(mut self, wording: Option<Wording>) -> Self {
        self.wording = wording.unwrap_or(self.wording);
        self
    }

    /// Allows files outside the document's folder.
    #[must_use]
    pub fn allowing_outside(mut self, outside: bool) -> Self {
        self.references.outside |= outside;
        self
    }

    /// Sets the URL at which the document is published.
    #[must_use]
    pub fn published_at(mut self, url: Option<String>) -> Self {
        self.document_url = url.or(self.document_url);
        self
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, "read", &error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&path.display().to_string(), &text, folder)
    }

    /// Parses the text of a file in `folder`.
    ///
    /// # Errors
    /// Returns an error if a key is unknown or a value is invalid.
    pub fn parse(file: &str, text: &str, folder: &Path) -> Result<Self, Error> {
        let refuse = |span: Span, problem: String, help: &str| {
            let place = place(file, text, span);
            let finding = Diagnostic::error(Code::Manifest, Some(place), problem);
            Error::plain(finding.so("nothing was generated").help(help))
        };
        let written: Written = toml::from_str(text).map_err(|error| {
            let (problem, help) = unknown::explain(error.message());
            refuse(error.span().unwrap_or(0..0), problem, &help)
        })?;
        let refusal = |refusal: Refusal| refuse(refusal.span, refusal.problem, &refusal.help);
        let name = written.name.map(|name| {
            ConnectorName::new(name.get_ref().as_str())
                .map_err(|error| refuse(name.span(), error.to_string(), "choose a name such as `bookshop`"))
        });
        let selectors = |list: Vec<Spanned<String>>| -> Result<Vec<(Selector, Span)>, Error> {
            let parsed = list.into_iter().map(|written| {
                let span = written.span();
                Ok((rules::selector(written.get_ref(), &span)?, span))
            });
            parsed.collect::<Result<_, _>>().map_err(refusal)
        };
        let renames = rules::parse(written.rename, |_, to| {
            ToolName::new(to.get_ref().as_str()).map_err(|error| {
                Refusal::new(to.span(), error.to_string(), "choose a name such as `find_books`")
            })
        });
        if let Some(limit) =
            written.name_limit.as_ref().filter(|limit| !NAME_LIMITS.contains(limit.get_ref()))
        {
            return Err(refuse(
                limit.span(),
                format!("`name_limit` cannot be {}", limit.get_ref()),
                "choose a number from 20 to 64; model APIs refuse longer names, and hosts add a prefix",
            ));
        }
        for server in &written.servers {
            let text = server.get_ref();
            let known = ["https://", "http://", "unix:///", "http+unix://"];
            if !known.iter().any(|scheme| text.starts_with(scheme)) || text.contains(['?', '#', '{']) {
                return Err(refuse(
                    server.span(),
                    format!("`{}` is not an absolute URL", server.get_ref()),
                    "write a URL such as `https://api.example.com/v1`",
                ));
            }
        }
        if let Some(url) = &written.document_url
            && !(url.get_ref().starts_with("https://") || url.get_ref().starts_with("http://"))
        {
            return Err(refuse(
                url.span(),
                format!("`{}` is not an absolute URL", url.get_ref()),
                "write a URL such as `https://api.example.com/openapi.json`",
            ));
        }
        for (address, pin) in &written.references.remote {
            let hex = pin.get_ref().strip_prefix("sha256:");
            if hex.is_none_or(|hex| hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit())) {
                return Err(refuse(
                    pin.span(),
                    format!("the pin of `{address}` is not a digest"),
                    "write `\"sha256:…\"` with 64 hexadecimal digits; `jackfield gen --fetch` prints the digest",
                ));
            }
        }
        let surface = surface::kind(written.surface).map_err(refusal)?;
        let promote = surface::promoted(written.promote).map_err(refusal)?;
        let pinned = written.references.remote.into_iter().map(|(address, pin)| (address, pin.into_inner()));
        let defaults = Limits::default();
        Ok(Self {
            document: folder.join(written.document.get_ref()),
            overlays: written.overlays.iter().map(|overlay| folder.join(overlay)).collect(),
            name: name.transpose()?,
            include: selectors(written.include)?,
            exclude: selectors(written.exclude)?,
            renames: renames.map_err(refusal)?,
            longest: written.name_limit.map_or(LONGEST, Spanned::into_inner),
            effects: rules::parse(written.effect, |_, effect| Ok(effect.into())).map_err(refusal)?,
            asks: rules::parse(written.ask, |_, ask| Ok(ask.into())).map_err(refusal)?,
            descriptions: rules::parse(written.describe, describe::description).map_err(refusal)?,
            titles: rules::parse(written.retitle, |_, title| describe::title(title)).map_err(refusal)?,
            instructions: describe::instructions(written.instructions).map_err(refusal)?,
            arguments: arguments::parse(written.arguments).map_err(refusal)?,
            merges: merge::parse(written.merge).map_err(refusal)?,
            media: rules::parse(written.media, |_, media_type| {
                Ok((media_type.get_ref().clone(), media_type.span()))
            })
            .map_err(refusal)?,
            forms: Forms::parse(written.form).map_err(refusal)?,
            whole_bodies: rules::parse(written.body, |_, WrittenBody::Whole| Ok(())).map_err(refusal)?,
            document_url: written.document_url.map(Spanned::into_inner),
            servers: written.servers.into_iter().map(Spanned::into_inner).collect(),
            output_schemas: written.output_schemas,
            limits: Limits {
                bytes: written.limits.bytes.unwrap_or(defaults.bytes),
                depth: written.limits.depth.unwrap_or(defaults.depth),
                nodes: written.limits.nodes.unwrap_or(defaults.nodes),
            },
            references: References {
                outside: written.references.outside,
                pinned: pinned.collect(),
                store: references::store(folder),
                fetch: None,
            },
            wording: written.wording.unwrap_or_default(),
            surface,
            promote,
            rates: rate::parse(written.rate).map_err(refusal)?,
            replies: replies::parse(written.replies).map_err(refusal)?,
            jobs: jobs::parse(written.jobs).map_err(refusal)?,
            contents: contents::parse(written.resources, written.prompts, written.documentation)
                .map_err(refusal)?,
            timeouts: patience::timeouts(written.timeout).map_err(refusal)?,
            retry: patience::retry(written.retry).map_err(refusal)?,
            caches: cache::parse(written.cache).map_err(refusal)?,
            headers: headers::parse(written.headers).map_err(refusal)?,
            query: query::parse(written.query).map_err(refusal)?,
            ask_for: written.ask_for.into_iter().map(|name| (name.get_ref().clone(), name.span())).collect(),
            auth: auth::parse(written.auth, folder).map_err(refusal)?,
            file: Some(file.to_owned()),
            folder: Some(folder.to_path_buf()),
            text: text.to_owned(),
        })
    }

    /// Whether the choices come from a connector.toml and not from a command line.
    pub const fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Returns the path of connector.toml, if the choices come from one.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_deref().map(Path::new)
    }

    /// Returns the text of connector.toml.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Parses a changed text of the same connector.toml, and keeps the options of the command line. If there is no connector.toml, the text
    /// is a connector.toml for the same document.
    ///
    /// # Errors
    /// Returns an error if a key is unknown or a value is invalid.
    pub fn with_text(&self, text: &str) -> Result<Self, Error> {
        if self.is_file() {
            let folder = self.folder.clone().unwrap_or_default();
            let parsed = Self::parse(self.file.as_deref().unwrap_or("connector.toml"), text, &folder)?;
            return Ok(parsed.worded(Some(self.wording)).allowing_outside(self.references.outside));
        }
        let document = toml_text(&self.document.display().to_string());
        let parsed = Self::parse("connector.toml", &format!("document = {document}\n{text}"), Path::new(""))?;
        let name = parsed.name.clone().or_else(|| self.name.clone());
        let (document, references) = (self.document.clone(), self.references.clone());
        Ok(Self { name, document, references, wording: self.wording, ..parsed })
    }

    /// Returns the connector's name, if the file sets it.
    pub const fn name(&self) -> Option<&ConnectorName> {
        self.name.as_ref()
    }

    /// Origins in the file itself. They need no entry in the lock.
    pub(crate) fn named_origins(&self) -> BTreeSet<String> {
        let mut named = Vec::new();
        named.extend(self.servers.iter().chain(&self.document_url).chain(&self.auth.origins));
        for scheme in self.auth.schemes.values() {
            let SchemeChoice { authorization, device, token, refresh, metadata, .. } = scheme;
            named.extend([authorization, device, token, refresh, metadata].into_iter().flatten());
        }
        named.into_iter().filter_map(|address| origin_of(address)).collect()
    }

    /// Creates a finding at a position in this file.
    pub(crate) fn unmatched(&self, span: Span, problem: String) -> Diagnostic {
        let place = self.place(span);
        Diagnostic::error(Code::UnmatchedChoice, Some(place), problem)
            .so("nothing was generated: a value in connector.toml that matches nothing is an error")
            .help("correct this value, or remove it")
    }

    /// Creates a finding about a value that is valid by itself, but contradicts the document or another file.
    pub(crate) fn refuse(&self, refusal: Refusal) -> Diagnostic {
        Diagnostic::error(Code::Manifest, Some(self.place(refusal.span)), refusal.problem)
            .so("nothing was generated")
            .help(refusal.help)
    }

    /// Returns a position in this file.
    pub(crate) fn place(&self, span: Span) -> Place {
        place(self.file.as_deref().unwrap_or("connector.toml"), &self.text, span)
    }
}
