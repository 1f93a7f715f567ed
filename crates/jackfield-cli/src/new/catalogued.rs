//! The document of a service of the catalogue, and the catalogue's suggestions for a new connector.

use std::path::Path;

use jackfield_build::Fetch;
use jackfield_build::model::{ConnectorName, shell_quoted, visible_line};

use super::facts::Facts;
use crate::catalogue::{
    Catalogue, Checked, DocumentSource, RemoteServer, Service, Transport, fetched, sha256,
};
use crate::spec::Spec;
use crate::{Failure, paint};

/// The catalogue's suggestions for a new connector. Empty for a document that the user named.
#[derive(Clone, Debug, Default)]
pub(super) struct Suggested {
    /// The selectors of the operations that become tools.
    include: Vec<String>,
    /// The authentication of requests, if the document does not declare it.
    pub(super) auth: Option<String>,
    /// The name of the service, and the host of its document.
    host: Option<(String, String)>,
}

/// Returns the catalogue's service with the name on the command line. A local document with the same name takes precedence.
///
/// # Errors
/// Returns an error if `--document` is given, and the name is not in the catalogue.
pub(super) fn named(spec: Option<&Path>, has_document: bool) -> Result<Option<&'static Service>, Failure> {
    let Some(text) = spec.and_then(Path::to_str) else { return Ok(None) };
    let catalogue = Catalogue::embedded();
    let service = catalogue.find(&text.to_lowercase());
    if has_document {
        return match service {
            Some(service) => Ok(Some(service)),
            None => {
                let near = catalogue.nearest(text).map(|near| format!("; did you mean `{near}`?"));
                Err(Failure::Other(format!(
                    "--document needs a service of the catalogue, and `{}` is not one{}. For another document, run\n\n  jackfield new openapi.yaml --name shop\n",
                    visible_line(text),
                    near.unwrap_or_default()
                )))
            }
        };
    }
    let Some(service) = service else { return Ok(None) };
    match Spec::local(Path::new(text)) {
        Some(found) => {
            paint::note(&format!(
                "{} is used; to use the document of {} in the catalogue, run this command in another folder",
                found.display(),
                service.title
            ));
            Ok(None)
        }
        None => Ok(Some(service)),
    }
}

/// Returns the document of a service. It is the local copy, if one is given, or else it is fetched from the catalogue's URL.
///
/// # Errors
/// Returns an error if the catalogue has no URL, if the document cannot be read, or if the digest of a document in a package differs from
/// the catalogue.
pub(super) fn document(
    service: &Service,
    copy: Option<&Path>,
    fetch: &dyn Fetch,
) -> Result<(Spec, Suggested, Option<String>), Failure> {
    let source = service.document.as_ref();
    // The URL of a package is not the URL of the document, so relative servers are not resolved against it.
    let url = source.filter(|source| source.file.is_none()).and_then(|source| source.address.clone());
    let suggested = Suggested {
        include: source.map(|source| source.include.clone()).unwrap_or_default(),
        auth: source.and_then(|source| source.default_auth.clone()),
        host: url.as_deref().and_then(host).map(|host| (service.name.clone(), host)),
    };
    if let Some(copy) = copy {
        let spec = Spec::find(copy, true, "new")?;
        if let Some(source) = source {
            tell_state(source, &spec.bytes()?);
        }
        return Ok((spec, suggested, url));
    }
    let Some((source, address)) = source.and_then(|source| Some((source, source.address.as_deref()?))) else {
        return Err(without_document(service));
    };
    paint::note(&format!("fetching the document of {} from {address}", service.title));
    let bytes = fetched(source, fetch).map_err(|why| {
        Failure::Other(format!(
            "cannot fetch {address}: {why}. If you have a copy of the document, run\n\n  \
             jackfield new {} --document {}\n",
            service.name,
            shell_quoted(file_name(source, address))
        ))
    })?;
    let is_same = tell_state(source, &bytes);
    if source.file.is_some() && !is_same {
        return Err(Failure::Other(format!(
            "the document in the package at {address} has changed since it was checked, although packages do not change: sha256 {}, expected {}",
            sha256(&bytes),
            source.checked.sha256().unwrap_or("unknown")
        )));
    }
    Ok((Spec::given(bytes, file_name(source, address), url.clone()), suggested, url))
}

fn file_name<'d>(source: &'d DocumentSource, address: &'d str) -> &'d str {
    let path = source.file.as_deref().unwrap_or(address);
    path.rsplit('/').next().unwrap_or(path)
}

/// Prints whether the document is the checked version. Returns false if it is another version.
fn tell_state(source: &DocumentSource, bytes: &[u8]) -> bool {
    let (date, known) = match &source.checked {
        Checked::Unchecked => {
            paint::note(
                "nobody has checked this document: review what its tools can do and where requests go",
            );
            return true;
        }
        Checked::On { date, sha256, .. } => (date, sha256.as_deref()),
    };
    let is_same = known == Some(sha256(bytes).as_str());
    paint::note(&match is_same {
        true => format!("the document is the version that was checked on {date}"),
        false => format!(
            "the document differs from the version that was checked on {date}: review what its tools can do and where requests go"
        ),
    });
    is_same
}

fn host(address: &str) -> Option<String> {
    address.parse::<http::Uri>().ok()?.host().map(str::to_owned)
}

/// Returns an error for a service without a document URL. The error contains the facts in the catalogue, and the next command.
fn without_document(service: &Service) -> Failure {
    let (title, name) = (&service.title, &service.name);
    let mut text = match service.document.as_ref().and_then(|source| source.repository.as_deref()) {
        Some(repository) => {
            format!("{title} publishes its documents in {repository}: download the document that you need")
        }
        None => match &service.note {
            Some(note) => format!("the catalogue has no document of {title}. {}", note.trim_end_matches('.')),
            None => format!("the catalogue has no document of {title}"),
        },
    };
    text.push_str(&format!(
        ". If you have a document, run\n\n  jackfield new {name} --document openapi.yaml\n"
    ));
    if let Some(server) = &service.mcp {
        text.push_str(&format!(
            "\n{title} has its own MCP server, so no connector is needed (transport: {}, {}). In Claude Code, add it with\n\n  {}\n",
            server.transport,
            server.checked,
            add_to_client(name, server)
        ));
    }
    Failure::Other(text)
}

fn add_to_client(name: &str, server: &RemoteServer) -> String {
    let transport = match server.transport {
        Transport::Sse => "sse",
        // Most servers have this transport, which is the current one.
        Transport::Http | Transport::Unknown => "http",
    };
    format!("claude mcp add --transport {transport} {name} {}", shell_quoted(&server.address))
}

impl Suggested {
    /// Returns the name of the connector.
    pub(super) fn name(service: &Service) -> Option<ConnectorName> {
        ConnectorName::new(service.name.as_str()).ok()
    }

    /// Returns the suggested selectors that match an operation of the document. Prints the number of selectors that match none, because
    /// they show that the document has changed.
    pub(super) fn start(&self, facts: &Facts) -> Vec<String> {
        let (fitting, others): (Vec<String>, Vec<String>) =
            self.include.iter().cloned().partition(|selector| facts.has_operation(selector));
        if !others.is_empty() {
            let rest = if fitting.is_empty() { "; all operations become tools" } else { "" };
            paint::note(&format!(
                "no operation of the document matches {}, which the catalogue suggests{rest}",
                others.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
            ));
        }
        fitting
    }

    /// Refuses a document without an absolute server URL, because requests and credentials would go to the host that
    /// publishes the document.
    ///
    /// # Errors
    /// Returns an error that names the option for the server.
    pub(super) fn check_servers(&self, facts: &Facts) -> Result<(), Failure> {
        let Some((name, host_of_document)) = &self.host else { return Ok(()) };
        let reached = facts.inspection.reached.keys();
        match reached.into_iter().find(|origin| host(origin).as_ref() == Some(host_of_document)) {
            None => Ok(()),
            Some(origin) => Err(Failure::Other(format!(
                "the document names no server, so requests and credentials would go to {origin}, which only publishes the document. Name the server of the API, as in\n\n  jackfield new {name} --base-url https://api.example.com\n"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fake network that returns one file or one error.
    struct Given(Result<Vec<u8>, &'static str>);

    impl Fetch for Given {
        fn fetch(&self, _: &str, _: usize) -> Result<Vec<u8>, String> {
            self.0.clone().map_err(str::to_owned)
        }
    }

    fn service(document: &str) -> Service {
        let text = format!(
            "categories = [\"Test\"]\n[[service]]\nname = \"shop\"\ntitle = \"Shop\"\ncategory = \"Test\"\n[service.document]\nsource = \"a test\"\nlicence = \"MIT\"\nauth = \"unknown\"\n{document}\n"
        );
        Catalogue::parse(&text).unwrap().services.remove(0)
    }

    fn found(
        service: &Service,
        network: Result<Vec<u8>, &'static str>,
    ) -> Result<(String, Option<String>), String> {
        match document(service, None, &Given(network)) {
            Ok((Spec::Given { name, .. }, _, url)) => Ok((name, url)),
            Ok((spec, ..)) => panic!("{spec:?}"),
            Err(Failure::Other(text)) => Err(text),
            Err(failure) => panic!("{failure:?}"),
        }
    }

    #[test]
    fn document_of_a_service_is_fetched_and_the_document_url_is_stored() {
        let address = "https://files.example.com/a/api.yaml";
        let plain = service(&format!("address = \"{address}\"\nchecked = \"unchecked\""));
        let fetched = found(&plain, Ok(b"openapi: 3.1.0\n".to_vec()));
        assert_eq!(fetched, Ok(("api.yaml".to_owned(), Some(address.to_owned()))));
        let text = found(&plain, Err("no route to host")).unwrap_err();
        assert!(
            text.contains("cannot fetch https://files.example.com/a/api.yaml: no route to host"),
            "{text}"
        );
        assert!(text.contains("jackfield new shop --document api.yaml"), "{text}");
    }

    #[test]
    fn document_in_a_package_is_refused_if_its_digest_differs_from_the_catalogue() {
        let checked = format!("sha256 = \"{}\"", sha256(b"{}"));
        let package = service(&format!(
            "address = \"https://files.example.com/a.tgz\"\nfile = \"package/api.json\"\nchecked = {{ on = 2026-11-30, by = \"a test\", {checked} }}"
        ));
        let archive = |content| Ok(crate::catalogue::package("package/api.json", content));
        // The URL of a package is not the URL of the document, so relative servers are not resolved against it.
        assert_eq!(found(&package, archive("{}")), Ok(("api.json".to_owned(), None)));
        let text = found(&package, archive("{ }")).unwrap_err();
        assert!(text.contains("has changed since it was checked"), "{text}");
        let text = found(&package, Ok(b"plain text instead of gzip".to_vec())).unwrap_err();
        assert!(text.contains("the package cannot be decompressed"), "{text}");
    }
}
