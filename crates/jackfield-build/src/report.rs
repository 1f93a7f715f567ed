use std::path::PathBuf;

use jackfield_codegen::{AddedOrigin, Files, LOCK_FILE, LockChanges, Origin};
use jackfield_model::{Connector, Count, Diagnostic, Severity, Skip, ToolName};
use jackfield_openapi::Document;
use jackfield_surface::{ChosenName, ConstantArgument};

use crate::applied_choices::{AppliedChoice, AppliedChoices};
use crate::destinations::Checked;
use crate::show::Shown;

/// The model of a document.
pub struct Modelled {
    /// The model, with the choices of the manifest applied.
    pub connector: Connector,
    /// The findings.
    pub report: Report,
    /// The names of its tools, in the order of its operations.
    pub(crate) names: Vec<ChosenName>,
    /// The arguments that look constant, although the document declares no value for them.
    pub constants: Vec<ConstantArgument>,
    pub(crate) origin: Origin,
    pub(crate) lock: Checked,
    pub(crate) choices: AppliedChoices,
}

impl Modelled {
    /// Returns the tools and their names.
    pub fn surface(&self) -> jackfield_surface::Surface<'_> {
        jackfield_surface::Surface::named(&self.connector, self.names.clone())
    }

    /// Returns the table of connector.toml that defines the merged tool with this name.
    pub fn choice_of_merge(&self, name: &ToolName) -> &[AppliedChoice] {
        self.choices.of_merge(name)
    }

    /// Returns the choices of connector.toml that apply to a tool, in the order of the file.
    pub fn choices_about(&self, tool: &ToolName) -> &[AppliedChoice] {
        self.choices.about(tool)
    }

    /// Counts the tokens of a list of all tools.
    pub fn tokens(&self) -> usize {
        jackfield_codegen::list_tokens(&self.connector, &self.surface())
    }

    /// Returns the model and the tool names, and drops the document and the findings.
    pub fn into_named(self) -> NamedConnector {
        self.split().0
    }

    /// Returns the model and the tool names, and the report of the run.
    pub fn split(self) -> (NamedConnector, Report) {
        (NamedConnector { connector: self.connector, names: self.names, tokens: Vec::new() }, self.report)
    }

    /// Returns the names of the security schemes that the document declares, including those that no operation
    /// requires.
    pub fn declared_schemes(&self) -> Vec<String> {
        let choices = jackfield_openapi::Choices::everything(self.connector.name.clone());
        let declared = jackfield_openapi::declared_schemes(&self.report.document, &choices);
        declared.into_iter().map(|scheme| scheme.name.to_string()).collect()
    }

    /// The reason why the operation with that operationId or route is not a tool. None if the document has no such operation.
    pub fn why_absent(&self, key: &str) -> Option<String> {
        let candidates = jackfield_openapi::candidates(&self.report.document);
        let route = candidates.iter().find(|it| it.id == Some(key) || it.route() == key)?.route();
        let is_it = |skip: &&Skip| {
            skip.method.as_ref().is_some_and(|method| format!("{method} {}", skip.path) == route)
        };
        Some(match self.report.skips.iter().find(is_it) {
            Some(skip) => format!("{route} is left out: {}", skip.reason),
            None => format!("{route} is not a tool: `include` or `exclude` in connector.toml leaves it out"),
        })
    }

    /// Counts the tokens of each tool, as generated code declares them.
    pub fn into_counted(self) -> NamedConnector {
        let tokens = jackfield_codegen::tool_tokens(&self.connector, &self.surface());
        NamedConnector { tokens, ..self.into_named() }
    }

    /// Creates a reply for each operation, for a mock of the API.
    pub fn mock_replies(&self) -> jackfield_codegen::Replies {
        jackfield_codegen::mock_replies(&self.connector, &self.surface())
    }

    /// Returns the text of the connector's jackfield.lock, without generating code.
    pub fn lock_text(&self) -> String {
        jackfield_codegen::lock_text(&self.connector, &self.surface())
    }

    /// Returns the text of the existing jackfield.lock, if there is one.
    pub fn existing_lock(&self) -> Option<&str> {
        Some(self.lock.lock.as_ref()?.text())
    }

    /// Returns the differences from the existing jackfield.lock, without generating code, or `None` if there is no
    /// lock.
    pub fn lock_changes(&self) -> Option<LockChanges> {
        let lock = self.lock.lock.as_ref()?;
        Some(LockChanges::between(lock.text(), &self.lock_text()))
    }

    /// Generates the code.
    pub fn generate(self, layout: &jackfield_codegen::Layout) -> Generated {
        let files = jackfield_codegen::generate(&self.connector, &self.surface(), &self.origin, layout);
        let made = files.get(LOCK_FILE).map(|file| file.text.as_str()).unwrap_or_default();
        let changes = self.lock.lock.as_ref().map(|lock| LockChanges::between(lock.text(), made));
        Generated { files, report: self.report, connector: self.connector, changes }
    }

    /// Origins that are missing from the lock, if they are reported instead of refused.
    pub fn added_origins(&self) -> &[AddedOrigin] {
        &self.lock.added
    }
}

/// The model of a document, and the names of its tools.
pub struct NamedConnector {
    /// The model.
    pub connector: Connector,
    names: Vec<ChosenName>,
    /// The tokens of each tool in the order of the surface; empty if they were not counted.
    tokens: Vec<usize>,
}

impl NamedConnector {
    /// Returns the tokens of each tool in the order of the surface; none if they were not counted.
    pub fn tokens(&self) -> impl Iterator<Item = usize> + '_ {
        self.tokens.iter().copied()
    }

    /// Returns the tools and their names.
    pub fn surface(&self) -> jackfield_surface::Surface<'_> {
        jackfield_surface::Surface::named(&self.connector, self.names.clone())
    }
}

/// The files that were generated from a document.
pub struct Generated {
    /// The generated files, which are not written yet.
    pub files: Files,
    /// The findings.
    pub report: Report,
    /// The model from which the files were printed.
    pub connector: Connector,
    /// The differences from the existing jackfield.lock. None if there is no lock.
    pub changes: Option<LockChanges>,
}

/// All findings of a run.
pub struct Report {
    /// The numbers of operations that were generated, skipped and excluded.
    pub count: Count,
    /// The skipped operations, with reasons.
    pub skips: Vec<Skip>,
    /// All other findings.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were read.
    pub read: Vec<PathBuf>,
    pub(crate) document: Document,
}

impl Report {
    /// Returns all findings, including the reasons of skipped operations, sorted by place. Computes their line
    /// numbers.
    pub fn findings(&self) -> Vec<Shown> {
        let skips = self.skips.iter().map(|skip| {
            let method = skip.method.as_ref().map_or_else(|| "the path".to_owned(), ToString::to_string);
            (skip.reason.clone(), Some(format!("{method} {}", skip.path)))
        });
        let others = self.diagnostics.iter().map(|finding| (finding.clone(), None));
        let (findings, operations): (Vec<_>, Vec<_>) = others.chain(skips).unzip();
        let mut all = Shown::all(findings, self.document.sources());
        for (shown, operation) in all.iter_mut().zip(operations) {
            shown.operation = operation;
        }
        all.sort_by(|a, b| {
            let key = |shown: &Shown| {
                let file = shown.diagnostic.place.as_ref().map(|place| place.file.clone());
                (file, shown.line.as_ref().map(|line| (line.number, line.column)))
            };
            key(a).cmp(&key(b)).then_with(|| a.diagnostic.code.cmp(&b.diagnostic.code))
        });
        all
    }

    /// Returns the version of OpenAPI that the document declares, such as `3.1`.
    pub const fn dialect(&self) -> &'static str {
        self.document.dialect().as_str()
    }

    /// Returns the parsed document, for tasks that compare tools with it.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// Returns the number of warnings.
    pub fn warnings(&self) -> usize {
        let other = self.diagnostics.iter().filter(|finding| finding.severity == Severity::Warning).count();
        other + self.skips.len()
    }
}
