//! `jackfield mock`: serves a mock of the API of a document, or calls every tool against the mock.

use std::path::PathBuf;
use std::process::ExitCode;

use jackfield_build::model::{ConnectorName, shell_quoted};
use jackfield_build::model_of;
use jackfield_runtime::Program;

use crate::document_options::DocumentOptions;
use crate::progress::Progress;
use crate::spec::spec_or_here;
use crate::{Failure, rows};

/// Arguments of `jackfield mock`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield mock openapi.yaml --port 4010\n  jackfield mock openapi.yaml --check"
)]
pub(crate) struct Arguments {
    /// The OpenAPI document (a file, `-` for stdin, or a URL with --fetch), or a connector.toml or its folder
    /// [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// The name of the connector and the prefix of its variables [default: from the document's file name]
    #[arg(long, value_parser = |text: &str| ConnectorName::new(text))]
    name: Option<ConnectorName>,
    #[command(flatten)]
    document: DocumentOptions,
    /// The port of the mock on this machine [default: a free port]
    #[arg(long, value_name = "N", conflicts_with = "check")]
    port: Option<u16>,
    /// Call every tool once against the mock, and exit with 1 if a call fails
    #[arg(long)]
    check: bool,
    /// Take the replies from this file instead of the document; it has the format of tests/replies.json in a generated connector
    #[arg(long, value_name = "FILE")]
    replies: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let spec = spec_or_here(arguments.spec.as_deref(), "mock")?;
    let job = arguments.document.job("mock", &spec, arguments.name.as_ref())?;
    let is_manifest = job.manifest.is_file();
    let modelled = Progress::during(job, model_of)?;
    let replies = arguments.replies.is_none().then(|| modelled.mock_replies());
    let name = modelled.connector.name.clone();
    let shown = shell_quoted(&spec.display().to_string()).into_owned();
    let called = match is_manifest {
        true => format!("jackfield serve {shown}"),
        false => format!("jackfield preview --name {name} {shown}"),
    };
    let mut words = vec!["mock".to_owned()];
    words.extend(arguments.port.map(|port| format!("--port={port}")));
    words.extend(arguments.check.then(|| "--check".to_owned()));
    words.extend(arguments.replies.iter().map(|file| format!("--replies={file}")));
    let program = Program::new(rows::connector(modelled)).called(called);
    let program = match replies {
        Some(replies) => program.mock_replies(replies),
        None => program,
    };
    Ok(program.run(words))
}
