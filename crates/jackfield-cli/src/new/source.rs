//! The document of a new connector. It is an existing document, or is made from listed operations.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_build::model::{ConnectorName, shell_quoted};
use jackfield_build::{GivenDocument, Job, Manifest};

use super::arguments::Arguments;
use super::auth_choice::AuthChoice;
use super::catalogued::{self, Suggested};
use super::draft::Draft;
use super::operation::{FORM, StarterOperation, parse_arguments, parse_route};
use super::prompter::Prompter;
use super::starter;
use crate::catalogue::Catalogue;
use crate::fetch::HttpFetch;
use crate::spec::Spec;
use crate::{Failure, folder};

/// The file name of a document that is made from operations.
const STARTER: &str = "openapi.yaml";

/// The document, with facts from the command line.
pub(super) struct Source {
    pub(super) job: Job,
    pub(super) draft: Draft,
    /// Whether the document is made from operations that a person listed.
    pub(super) is_listed: bool,
    pub(super) suggested: Suggested,
}

/// Finds the document that the command line names. A URL, or the document of a service of the catalogue, is fetched.
///
/// # Errors
/// Returns an error if the document does not exist, or if the input ends.
pub(super) fn find(arguments: &Arguments, person: &mut Option<Prompter<'_>>) -> Result<Source, Failure> {
    let mut draft = Draft {
        document_url: None,
        server: arguments.base_url.clone(),
        outside: arguments.outside,
        include: Vec::new(),
        exclude: Vec::new(),
        asks: Vec::new(),
        auth: AuthChoice::Nothing,
    };
    // If operations are listed, the name belongs to the user's own service, and not to a service of the catalogue.
    let is_listing = !arguments.operation.is_empty();
    let service = match is_listing {
        true => None,
        false => catalogued::named(arguments.spec.as_deref(), arguments.document.is_some())?,
    };
    if let Some(service) = service {
        let copy = arguments.document.as_deref();
        let (spec, suggested, url) = catalogued::document(service, copy, &HttpFetch::new())?;
        draft.document_url = url;
        let name = arguments.name.clone().or_else(|| Suggested::name(service));
        let mut job = spec.job(name.as_ref())?;
        job.manifest =
            job.manifest.allowing_outside(arguments.outside).published_at(draft.document_url.clone());
        return Ok(Source { job, draft, is_listed: false, suggested });
    }
    let bare = |spec: &PathBuf| ConnectorName::new(spec.to_string_lossy()).is_ok() && !spec.is_file();
    let is_without_document = arguments.spec.as_ref().is_none_or(bare);
    if let Some(base_url) = arguments.base_url.as_ref().filter(|_| is_without_document) {
        let job = list(arguments, base_url, person)?;
        return Ok(Source { job, draft, is_listed: true, suggested: Suggested::default() });
    }
    if !arguments.operation.is_empty() {
        return Err(Failure::Other(
            "--operation is for a service without a document: leave it out, or name the service instead of the document"
                .to_owned(),
        ));
    }
    let Some(spec) = &arguments.spec else { return Err(without_spec()) };
    let spec = Spec::find(spec, true, "new").map_err(|failure| match failure {
        Failure::Other(text) if bare(spec) && !spec.is_dir() => Failure::Other(format!(
            "{text}{}. For a service without a document, run\n\n  jackfield new {} --base-url https://api.example.com\n",
            similar(&spec.to_string_lossy()),
            spec.display()
        )),
        failure => failure,
    })?;
    if let Spec::Manifest(path) = &spec {
        let folder = crate::manifest_path::folder_of(path).display().to_string();
        return Err(Failure::Other(format!(
            "{} is a connector already. To update it, run\n\n  jackfield gen --lock-only --out {}\n",
            path.display(),
            shell_quoted(&folder)
        )));
    }
    if let Spec::Given { url, .. } = &spec {
        draft.document_url.clone_from(url);
    }
    let mut job = spec.job(arguments.name.as_ref())?;
    job.manifest = job.manifest.allowing_outside(arguments.outside);
    Ok(Source { job, draft, is_listed: false, suggested: Suggested::default() })
}

/// Returns a hint about the service of the catalogue that was probably meant.
fn similar(text: &str) -> String {
    let near = Catalogue::embedded().nearest(text);
    near.map(|near| format!(", and the catalogue has `{near}`")).unwrap_or_default()
}

fn without_spec() -> Failure {
    let here = folder::documents(Path::new("."));
    let other =
        "For a service without a document, run\n\n  jackfield new shop --base-url https://api.example.com\n";
    Failure::Other(match here.is_empty() {
        true => format!("name an OpenAPI document, as in\n\n  jackfield new openapi.yaml\n\n{other}"),
        false => format!("name one of the documents here:\n\n{}\n{other}", folder::commands(&here, "new")),
    })
}

/// Makes the document of the listed operations.
fn list(arguments: &Arguments, base_url: &str, person: &mut Option<Prompter<'_>>) -> Result<Job, Failure> {
    let spec = arguments.spec.as_ref().map(|spec| spec.to_string_lossy().into_owned());
    let name = match (&arguments.name, spec) {
        (Some(name), _) => name.clone(),
        (None, Some(spec)) => ConnectorName::new(spec).map_err(|error| Failure::Other(error.to_string()))?,
        (None, None) => name_of(base_url).ok_or_else(|| {
            Failure::Other("no connector name can be made from the base URL: add --name shop".to_owned())
        })?,
    };
    let mut operations: Vec<StarterOperation> = Vec::new();
    for line in &arguments.operation {
        let operation = StarterOperation::parse(line)
            .and_then(|operation| only_once(operation, &operations))
            .map_err(|problem| Failure::Other(format!("--operation {}: {problem}", shell_quoted(line))))?;
        operations.push(operation);
    }
    match person {
        Some(person) if operations.is_empty() => operations = ask(person, base_url)?,
        None if operations.is_empty() => {
            return Err(Failure::Other(format!(
                "a service without a document needs its operations, as in\n\n  --operation 'GET /books q! limit:integer -- Finds books'\n\nEach operation has the form {FORM}"
            )));
        }
        _ => {}
    }
    let text = starter::document(name.as_str(), base_url, &operations);
    let mut job = Job::new(Manifest::for_document(Path::new(STARTER), Some(name)));
    job.given = Some(GivenDocument { bytes: Arc::from(text.into_bytes()), fetched: false });
    Ok(job)
}

fn only_once(operation: StarterOperation, known: &[StarterOperation]) -> Result<StarterOperation, String> {
    let is_same = |one: &StarterOperation| (one.method, &one.path) == (operation.method, &operation.path);
    match known.iter().any(is_same) {
        true => Err(format!("there are two operations {} {}", operation.method, operation.path)),
        false => Ok(operation),
    }
}

/// Asks for operations one by one.
fn ask(person: &mut Prompter<'_>, base_url: &str) -> Result<Vec<StarterOperation>, Failure> {
    person.say(&format!("Enter the operations of {base_url} one by one. An empty line ends the list."))?;
    let mut operations: Vec<StarterOperation> = Vec::new();
    loop {
        let question = match operations.len() {
            0 => "Method and path, such as GET /books/{bookId}",
            _ => "Next method and path, or Enter",
        };
        let route = person.ask(question, "", |answer| {
            if answer.is_empty() && operations.is_empty() {
                return Err("a connector needs at least one operation".to_owned());
            }
            if answer.is_empty() {
                return Ok(None);
            }
            let (method, path) = parse_route(answer)?;
            match operations.iter().any(|known| known.method == method && known.path == path) {
                true => Err(format!("there is an operation {method} {path} already")),
                false => Ok(Some(format!("{method} {path}"))),
            }
        })?;
        let Some(route) = route else { return Ok(operations) };
        let question = "  Arguments besides those in braces: NAME, NAME! if required, NAME:integer";
        let arguments =
            person.ask(question, "", |answer| parse_arguments(answer).map(|_| answer.to_owned()))?;
        let operation =
            person.ask("  What does it do", "", |does| StarterOperation::of(&route, &arguments, does))?;
        operations.push(operation);
    }
}

/// Derives the name of a service: the most specific part of its host, such as `example` in `https://api.example.com`.
fn name_of(base_url: &str) -> Option<ConnectorName> {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let mut labels: Vec<&str> =
        host.split('.').filter(|label| !matches!(*label, "api" | "www" | "")).collect();
    let is_address = labels.iter().all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if labels.len() > 1 && !is_address {
        labels.pop();
    }
    ConnectorName::from_text(if is_address { "service" } else { labels.last()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_service_is_derived_from_its_host() {
        for (base_url, name) in [
            ("https://api.example.com/v1", "example"),
            ("https://shop.example.com", "example"),
            ("http://localhost:3000", "localhost"),
            ("http://10.0.0.1:80/x", "service"),
            ("https://api.3scale.net", "api-3scale"),
        ] {
            assert_eq!(name_of(base_url).map(|name| name.to_string()).as_deref(), Some(name), "{base_url}");
        }
        assert_eq!(name_of("https://日本.example"), None);
    }
}
