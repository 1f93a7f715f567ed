//! `jackfield lint`: reports weaknesses of a connector and its document, each with a position and lines that correct it.

mod approval;
mod examples;
mod gemini;
mod hidden;
mod instruction;
mod list_entry;
mod list_tokens;
mod listed;
mod lookalike;
mod mixed;
mod name_words;
mod profile;
mod schema_walk;
mod secret;
mod shadow;
mod size;
mod strict;
mod subject;
mod texts;
mod value_place;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use jackfield_build::model::{Code, Diagnostic, Severity};
use jackfield_build::{Job, Shown, model_of};

use crate::document_options::DocumentOptions;
use crate::progress::Progress;
use crate::{Failure, message, paint};
pub(crate) use instruction::order_in;
pub(crate) use list_entry::ListEntry;
pub(crate) use list_tokens::ListTokens;
pub(crate) use listed::hostile_text_in;
pub use listed::{Gravity, ListFinding, OtherConnector, lint_lists};
pub(crate) use lookalike::has_lookalikes;
pub use profile::Profile;
pub(crate) use secret::secret_in;
pub(crate) use shadow::groups;
pub(crate) use subject::{Subject, Tool};
pub(crate) use texts::has_no_text;

/// Arguments of `jackfield lint`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield lint\n  jackfield lint openapi.yaml --profile claude-directory --profile gemini\n\n\
                        Exit codes: 0 without findings, 1 with findings, 2 if the connector cannot be read.\n\
                        docs/lint.md explains each code."
)]
pub(crate) struct Arguments {
    /// The connector.toml or its folder, or an OpenAPI document [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// Also check the rules of a client or model API; may be repeated
    #[arg(long, value_enum)]
    profile: Vec<Profile>,
    /// Leave out the findings of a code; may be repeated
    #[arg(long, value_name = "CODE", value_parser = code)]
    allow: Vec<Code>,
    /// Print JSON, one finding per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    document: DocumentOptions,
}

/// Parses a code on the command line.
pub(crate) fn code(text: &str) -> Result<Code, String> {
    let known = || Code::ALL.iter().map(|code| code.as_str());
    Code::ALL.iter().copied().find(|code| code.as_str() == text).ok_or_else(|| {
        match jackfield_build::model::nearest(text, known()) {
            Some(near) => format!("there is no code `{text}`; did you mean `{near}`?"),
            None => format!("there is no code `{text}`; docs/lint.md lists the codes"),
        }
    })
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let spec = crate::spec::spec_or_here(arguments.spec.as_deref(), "lint")?;
    let job = arguments.document.job("lint", &spec, None)?;
    let found = Progress::during(job, |job| lint(job, &arguments.profile, &arguments.allow))?;
    if arguments.json {
        found.iter().for_each(message::finding);
    } else {
        paint::shown(&found, arguments.document.all);
        paint::lint_summary(found.len());
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the findings about a connector: the warnings from reading the document, and the findings of the lint
/// rules. Codes in `allow` are left out.
///
/// # Errors
/// Returns an error if the document cannot be read, or a choice of connector.toml matches nothing.
pub fn lint(job: &Job, profiles: &[Profile], allow: &[Code]) -> Result<Vec<Shown>, Failure> {
    let modelled = model_of(&job.clone().telling_added_origins())?;
    let (subject, report) = Subject::of(&job.manifest, modelled)?;
    let document = report.document();
    let mut found: Vec<Diagnostic> = Vec::new();
    walk::document(&subject, document, &mut found);
    shadow::tools(&subject, &mut found);
    texts::tools(&subject, &mut found);
    approval::tools(&subject, &mut found);
    approval::scopes(&subject, &mut found);
    size::tools(&subject, profiles, &mut found);
    size::constants(&subject, &mut found);
    size::list(&subject, profiles, &mut found);
    for profile in profiles {
        match profile {
            Profile::ClaudeDirectory => {
                texts::titles(&subject, &mut found);
                texts::long_names(&subject, &mut found);
                mixed::tools(&subject, &mut found);
            }
            Profile::OpenaiStrict => strict::tools(&subject, &mut found),
            Profile::Gemini => gemini::tools(&subject, &mut found),
            Profile::SmallContext => {}
        }
    }
    let mut all: Vec<Shown> = report
        .findings()
        .into_iter()
        .filter(|shown| shown.diagnostic.severity == Severity::Warning)
        .chain(Shown::in_document(found, document))
        .filter(|shown| !allow.contains(&shown.diagnostic.code))
        .collect();
    all.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(all)
}

/// Returns the sort key of a finding. Findings are sorted by code and then by position, so that equal problems are together.
fn order(shown: &Shown) -> (Code, Option<&str>, Option<usize>) {
    let finding = &shown.diagnostic;
    let file = finding.place.as_ref().map(|place| place.file.as_ref());
    (finding.code, file, shown.line.as_ref().map(|line| line.number))
}
