//! `jackfield serve` of a folder equals the generated connector: the same tables, the same answers to clients, the same requests.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use jackfield_build::{Modelled, ServedFolder};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::v1::Connector;
use jackfield_runtime::{Api, Environment, Service, SurfaceKind, listing};
use jackfield_testkit::{Fill, Upstream, arguments};
use jackfield_tests::{
    OUT_DIR, SPECS, Spec, auth_chosen, bookstall, decided_shop, job_shop, page_shop, reply_shop,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::connectors::COMMITTED;
use crate::preview_equals_generated::{echo, variables_of};
use crate::protocol::{exchange, lines_of};
use crate::specs;

/// The documents that are served by a process. For all other documents, only the tables are compared.
const SERVED: [&str; 6] = [
    "auth_api_key.yaml",
    "body_form_nested.yaml",
    "bookshop.yaml",
    "params_settings.yaml",
    "params_styles.yaml",
    "refs_across_files/main.yaml",
];

/// Creates the folder of a served connector: connector.toml and jackfield.lock, with the document elsewhere.
fn folder(spec: &Spec, choices: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let document = specs::document(spec.file).display().to_string();
    let text = format!("document = {document:?}\nname = {:?}\n{choices}", spec.name);
    std::fs::write(manifest(&folder), text).unwrap();
    let lock = Path::new(OUT_DIR).join(spec.name).join("jackfield.lock");
    std::fs::copy(lock, folder.path().join("jackfield.lock")).unwrap();
    folder
}

fn manifest(folder: &TempDir) -> PathBuf {
    folder.path().join("connector.toml")
}

/// Returns the tables that `serve` builds from a folder.
fn served(manifest: &Path, surface: SurfaceKind) -> ConnectorRows {
    let modelled = ServedFolder::open(manifest).and_then(|folder| folder.locked_model());
    jackfield_cli::preview::connector_with(surface, modelled.unwrap_or_else(|error| panic!("{error}")))
}

/// Returns the list and the instructions of a connector with a search surface, as clients get them.
fn shown(rows: ConnectorRows, surface: SurfaceKind) -> (Vec<String>, String) {
    let api = Api::new(rows, Environment::of::<String, String>([]));
    let service = Service::new(api, Vec::new()).unwrap().with_surface(surface, None);
    (listing(&service).collect(), service.instructions().into_owned())
}

#[test]
fn tables_of_a_served_folder_and_generated_code_are_equal() {
    for spec in SPECS {
        let folder = folder(spec, "");
        let rows = served(&manifest(&folder), SurfaceKind::Auto);
        assert_eq!(spec.connector, rows.get(), "{}", spec.file);
        for (generated, served) in spec.connector.tools().zip(rows.get().tools()) {
            assert_eq!(generated.token_count(), served.token_count(), "{} {}", spec.file, served.name());
        }
        for surface in SurfaceKind::ALL {
            let (generated, served) = (shown(spec.connector.into(), surface), shown(rows.clone(), surface));
            assert_eq!(generated, served, "{} {surface}", spec.file);
        }
    }
}

/// The connectors that have a connector.toml: the folder of this file in tests/, and the connector that build.rs generated from it.
const DECIDED: [(&str, &Connector); 6] = [
    ("", &bookstall::CONNECTOR),
    ("auth", &auth_chosen::CONNECTOR),
    ("replies", &reply_shop::CONNECTOR),
    ("pages", &page_shop::CONNECTOR),
    ("jobs", &job_shop::CONNECTOR),
    ("decisions", &decided_shop::CONNECTOR),
];

/// Copies the connector.toml of a folder, and adds the lock of its generated connector. The document is not copied.
fn decided_folder(from: &str, name: &str) -> TempDir {
    let (folder, from) = (tempfile::tempdir().unwrap(), specs::repository().join("tests").join(from));
    let text = std::fs::read_to_string(from.join("connector.toml")).unwrap();
    let lines = text.lines().map(|line| match line.split_once(" = \"") {
        Some((key @ ("document" | "ca"), file)) => {
            format!("{key} = {:?}\n", from.join(file.trim_end_matches('"')).display().to_string())
        }
        _ => format!("{line}\n"),
    });
    std::fs::write(manifest(&folder), lines.collect::<String>()).unwrap();
    let lock = Path::new(OUT_DIR).join(name).join("jackfield.lock");
    std::fs::copy(lock, folder.path().join("jackfield.lock")).unwrap();
    folder
}

#[test]
fn connector_toml_has_the_same_effect_in_serve_and_generated_code() {
    for (from, connector) in DECIDED {
        let folder = decided_folder(from, connector.name());
        let rows = served(&manifest(&folder), SurfaceKind::Auto);
        assert_eq!(connector, rows.get(), "{from}");
        for (generated, served) in connector.tools().zip(rows.get().tools()) {
            assert_eq!(generated.token_count(), served.token_count(), "{from} {}", served.name());
        }
        for surface in SurfaceKind::ALL {
            let (generated, served) = (shown(connector.into(), surface), shown(rows.clone(), surface));
            assert_eq!(generated, served, "{from} {surface}");
        }
    }
    let (_, instructions) = shown((&decided_shop::CONNECTOR).into(), SurfaceKind::Each);
    assert_eq!(instructions, "Ask for the order number first.");
}

#[test]
fn served_folder_of_a_crate_equals_its_generated_connector() {
    for committed in COMMITTED {
        let manifest =
            specs::repository().join("crates/connectors").join(committed.name).join("connector.toml");
        assert_eq!(committed.connector, served(&manifest, SurfaceKind::Each).get(), "{}", committed.name);
    }
}

#[tokio::test]
async fn served_folder_sends_and_returns_the_same_bytes_as_generated_code() {
    for file in SERVED {
        let spec = SPECS.iter().find(|spec| spec.file == file).unwrap();
        let modelled = specs::model(&specs::document(file), spec.name);
        let folder = folder(spec, "");
        compare_with_served(spec.connector, &modelled, folder.path(), &requests(&modelled)).await;
    }
}

/// Sends the requests of a client to a generated connector and to a process that serves its folder, and compares the answers
/// and the requests to the service.
pub(crate) async fn compare_with_served(
    connector: &'static Connector,
    modelled: &Modelled,
    folder: &Path,
    requests: &[Value],
) {
    let upstream = Upstream::start(echo).await.unwrap();
    let variables = variables_of(&modelled.connector, &upstream);
    let name = connector.name();

    let api = Api::new(connector, Environment::of(variables.clone()));
    let generated = sorted(lines_of(Service::new(api, Vec::new()).unwrap(), requests).await);
    let of_generated = sent(&upstream);

    let vault = tempfile::tempdir().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_folder"))
        .args(["serve", "--locked"])
        .arg(folder)
        .env_clear()
        .envs(variables)
        .env("JACKFIELD_VAULT", vault.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (answers, sink) = (process.stdout.take().unwrap(), process.stdin.take().unwrap());
    let served = sorted(exchange(answers, sink, requests).await);
    let of_served = sent(&upstream);

    for (generated, served) in generated.iter().zip(&served) {
        assert_eq!(*generated, as_fixed(served), "{name}");
    }
    assert_eq!(generated.len(), served.len(), "{name}");
    assert_eq!(of_generated, of_served, "{name}");
    assert!(!of_served.is_empty(), "{name}: no request was sent");
}

/// Returns the answer of a server whose files may change, converted to the answer of a server whose lists never
/// change.
fn as_fixed(answer: &str) -> String {
    answer
        .replace(r#""tools":{"listChanged":true}"#, r#""tools":{}"#)
        .replace(r#""ttlMs":10000"#, r#""ttlMs":300000"#)
}

/// Returns the list, and a call of every tool with all its arguments.
pub(crate) fn requests(modelled: &Modelled) -> Vec<Value> {
    let defs = &modelled.connector.pool.send;
    let calls: Vec<Value> = modelled
        .surface()
        .tools()
        .map(|tool| json!({ "name": tool.name.as_str(), "arguments": arguments(tool.operation, defs, Fill::Full) }))
        .collect();
    let list = std::iter::once(("tools/list", json!({})));
    list.chain(calls.into_iter().map(|call| ("tools/call", call)))
        .enumerate()
        .map(|(id, (method, params))| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
        .collect()
}

/// Returns the answers in a stable order, because calls run at the same time.
fn sorted(lines: Vec<Value>) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.sort();
    lines
}

/// Returns the heads and bodies that the upstream received, in a stable order.
fn sent(upstream: &Upstream) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut sent: Vec<_> = upstream.take().into_iter().map(|request| (request.head, request.body)).collect();
    sent.sort();
    sent
}
