//! Tests `jackfield catalogue` and `jackfield new NAME` as processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use jackfield_cli::catalogue::{Catalogue, sha256};
use jackfield_testkit::skipped;
use tempfile::TempDir;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns the folder with material for some tests that is not part of the repository.
fn shared() -> PathBuf {
    std::env::var_os("JACKFIELD_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from)
}

fn jackfield(folder: &TempDir, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .args(words)
        .current_dir(folder.path())
        .env("JACKFIELD_VAULT", folder.path().join("vault"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns a catalogue with two services. The second service has these lines.
fn catalogue(lines: &str) -> String {
    format!(
        "categories = [\"Shops\"]\n[[service]]\nname = \"shop\"\ntitle = \"Shop\"\ncategory = \"Shops\"\n[[service]]\n{lines}\n"
    )
}

/// Returns the lines of a service with a document.
fn document(lines: &str) -> String {
    format!(
        "name = \"desk\"\ntitle = \"Desk\"\ncategory = \"Shops\"\n[service.document]\nsource = \"a test\"\nlicence = \"MIT\"\nauth = \"unknown\"\n{lines}"
    )
}

/// Returns the lines of a service whose document has this URL.
fn address(address: &str) -> String {
    document(&format!("address = \"{address}\"\nchecked = \"unchecked\""))
}

#[test]
fn catalogue_check_reports_every_problem() {
    const PLAIN: &str = "name = \"desk\"\ntitle = \"Desk\"\ncategory = \"Shops\"";
    let https = "address = \"https://files.example.com/a.yaml\"";
    let digest = "0".repeat(64);
    let rows: Vec<(String, Option<i32>, &str)> = vec![
        (PLAIN.to_owned(), Some(0), ""),
        (address("https://files.example.com/a.yaml"), Some(0), ""),
        (PLAIN.replace("desk", "shop"), Some(1), "shop: the name is listed twice"),
        (PLAIN.replace("desk", "De sk"), Some(1), "De sk"),
        (PLAIN.replace("desk", "check"), Some(1), "a subcommand"),
        (PLAIN.replace("Shops", "Toys"), Some(1), "desk: `Toys` is not one of the categories"),
        (PLAIN.replace("Desk", "De\\u202Esk"), Some(1), "`title` is not one line"),
        (PLAIN.replace("title", "titel"), Some(2), "unknown field `titel`"),
        (address("http://files.example.com/a.yaml"), Some(1), "does not begin with https://"),
        (address("https://user:pass@files.example.com/a.yaml"), Some(1), "has a user name"),
        (address("https://files.example.com/a.yaml?key=1"), Some(1), "has a query"),
        (address("https://files.example.com:8443/a.yaml"), Some(1), "has a port"),
        (address("https://10.0.0.1/a.yaml"), Some(1), "has no public host"),
        (address("https://[::1]/a.yaml"), Some(1), "has no public host"),
        (address("https://intranet/a.yaml"), Some(1), "has no public host"),
        (address("https://files.example.com/a.tgz"), Some(1), "`file` needs an `address`"),
        (document("checked = \"unchecked\""), Some(1), "needs an `address` or a `repository`"),
        (
            document(&format!("{https}\nrepository = \"https://example.com/a\"\nchecked = \"unchecked\"")),
            Some(1),
            "needs an `address` or a `repository`",
        ),
        (
            document(
                "address = \"https://files.example.com/a.tgz\"\nfile = \"../a.yaml\"\nchecked = \"unchecked\"",
            ),
            Some(1),
            "not a relative path without empty parts",
        ),
        (document(&format!("{https}\nchecked = \"yes\"")), Some(2), "expected \"unchecked\" or"),
        (
            document(&format!("{https}\nchecked = {{ on = \"2026-11-30\", by = \"x\" }}")),
            Some(2),
            "not a date",
        ),
        (document(&format!("{https}\nchecked = {{ on = 2026-02-30, by = \"x\" }}")), Some(2), "invalid date"),
        (document(&format!("{https}\nchecked = {{ on = 2026-11-30, by = \"x\" }}")), Some(1), "`sha256`"),
        (
            document(&format!("{https}\nchecked = {{ on = 9998-11-30, by = \"x\", sha256 = \"{digest}\" }}")),
            Some(1),
            "the date of the check, 9998-11-30, is in the future",
        ),
        (
            document(&format!("{https}\nchecked = {{ on = 2026-11-30, by = \" \", sha256 = \"{digest}\" }}")),
            Some(1),
            "`by` is not one line",
        ),
        (
            document(&format!("{https}\ninclude = [\"list_desks\"]\nchecked = \"unchecked\"")),
            Some(1),
            "`list_desks` is not a route",
        ),
        (
            document(&format!("{https}\ninclude = [\"effect:sing\"]\nchecked = \"unchecked\"")),
            Some(1),
            "names no effect",
        ),
        (
            document(&format!("{https}\ninclude = [\"GET /a,b\"]\nchecked = \"unchecked\"")),
            Some(1),
            "contains a comma",
        ),
        (
            document(&format!("{https}\ninclude = [\"/a\", \"/a\"]\nchecked = \"unchecked\"")),
            Some(1),
            "`/a` is listed twice",
        ),
        (
            document(&format!("{https}\ndefault_auth = \"token\"\nchecked = \"unchecked\"")),
            Some(1),
            "`default_auth` is not",
        ),
        (
            format!(
                "{PLAIN}\n[service.mcp]\naddress = \"https://mcp.example.com\"\ntransport = \"smoke\"\nauth = \"unknown\"\nsource = \"a test\"\nchecked = \"unchecked\""
            ),
            Some(2),
            "unknown variant `smoke`",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (lines, code, part) in rows {
        fs::write(folder.path().join("catalogue.toml"), catalogue(&lines)).unwrap();
        let output = jackfield(&folder, &["catalogue", "check", "catalogue.toml"]);
        assert_eq!(output.status.code(), code, "{lines}\n{}", err(&output));
        assert!(err(&output).contains(part), "{lines}: no {part}\n{}", err(&output));
    }
    let output = jackfield(&folder, &["catalogue", "check", "nothing.toml"]);
    assert!(err(&output).contains("cannot read nothing.toml"), "{}", err(&output));
}

#[test]
fn catalogue_finds_services_by_name_title_and_category() {
    let folder = tempfile::tempdir().unwrap();
    for (word, names, others) in [
        ("", &["stripe", "linear", "x"][..], &[][..]),
        ("payments", &["stripe", "adyen"], &["slack"]),
        ("teams", &["microsoft-teams"], &["slack"]),
        ("Goog", &["google-docs", "google-drive"], &["gmail"]),
    ] {
        let words: Vec<&str> = ["catalogue", word].into_iter().filter(|word| !word.is_empty()).collect();
        let output = jackfield(&folder, &words);
        let printed = out(&output);
        let listed: Vec<&str> = printed.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.iter().all(|name| listed.contains(name)), "{word}: {printed}");
        assert!(!others.iter().any(|name| listed.contains(name)), "{word}: {printed}");
    }
    let one = out(&jackfield(&folder, &["catalogue", "Stripe"]));
    for part in ["Stripe (stripe), Payments", "https://mcp.stripe.com", "MIT", "  jackfield new stripe\n"] {
        assert!(one.contains(part), "no {part}\n{one}");
    }
    let lines = out(&jackfield(&folder, &["catalogue", "--json"]));
    let parsed: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parsed.len(), Catalogue::embedded().services.len());
    let unknown = jackfield(&folder, &["catalogue", "strpie"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("did you mean `stripe`?"), "{}", err(&unknown));
}

#[test]
fn new_without_a_known_document_says_what_to_type() {
    for (words, parts) in [
        (
            &["new", "linear"][..],
            &[
                "only available as GraphQL",
                "jackfield new linear --document openapi.yaml",
                "claude mcp add --transport http linear https://mcp.linear.app/mcp",
            ][..],
        ),
        (
            &["new", "hubspot"],
            &[
                "download the document that you need",
                "https://github.com/HubSpot/HubSpot-public-api-spec-collection",
            ],
        ),
        (&["new", "dropbox"], &["no document of Dropbox", "jackfield new dropbox --document openapi.yaml"]),
        (&["new", "linaer"], &["there is no linaer", "the catalogue has `linear`"]),
        (&["new", "linaer", "--document", "x.yaml"], &["`linaer` is not one; did you mean `linear`?"]),
        (&["new", "linear", "--document", "x.yaml"], &["there is no x.yaml"]),
        (&["new", "--document", "x.yaml"], &["required arguments"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = jackfield(&folder, words);
        assert_eq!(output.status.code(), Some(2), "{words:?}\n{}", err(&output));
        for part in parts {
            assert!(err(&output).contains(part), "{words:?}: no {part}\n{}", err(&output));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{words:?}");
    }
}

#[test]
fn local_document_takes_precedence_over_the_service_of_the_same_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(repository().join("specs/bookshop.yaml"), folder.path().join("slack.yaml")).unwrap();
    let output = jackfield(&folder, &["new", "slack"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(err(&output).contains("slack.yaml is used"), "{}", err(&output));
    let text = fs::read_to_string(folder.path().join("slack/connector.toml")).unwrap();
    assert!(!text.contains("\ninclude = "), "{text}");
}

#[test]
fn local_copy_of_a_service_document_gets_the_suggestions_of_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let text = "openapi: 3.1.0\ninfo: { title: GitHub, version: '1' }\nservers: [{ url: https://api.github.example.com }]\npaths:\n  /user:\n    get: { operationId: me, responses: { '200': { description: Done. } } }\n  /gists:\n    get: { operationId: gists, responses: { '200': { description: Done. } } }\n";
    fs::write(folder.path().join("copy.yaml"), text).unwrap();
    let output = jackfield(&folder, &["new", "github", "--document", "copy.yaml"]);
    assert!(output.status.success(), "{}", err(&output));
    let manifest = fs::read_to_string(folder.path().join("github/connector.toml")).unwrap();
    for line in ["include = [\"GET /user\"]", "type = \"bearer\"", "name = \"github\""] {
        assert!(manifest.contains(line), "no {line}\n{manifest}");
    }
    for part in [
        "differs from the version that was checked on 2026",
        "no operation of the document matches `GET /repos/{owner}/{repo}`",
    ] {
        assert!(err(&output).contains(part), "no {part}\n{}", err(&output));
    }
    let all =
        jackfield(&folder, &["new", "github", "--document", "copy.yaml", "--include", "*", "--out", "all"]);
    assert!(
        all.status.success() && !err(&all).contains("no operation of the document matches"),
        "{}",
        err(&all)
    );
}

#[test]
fn service_document_without_a_server_url_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = "openapi: 3.1.0\ninfo: { title: Slack, version: '1' }\nservers: [{ url: /api }]\npaths:\n  /users.list:\n    get: { operationId: users, responses: { '200': { description: Done. } } }\n";
    fs::write(folder.path().join("copy.yaml"), text).unwrap();
    let words = ["new", "slack", "--document", "copy.yaml"];
    let output = jackfield(&folder, &words);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("would go to https://raw.githubusercontent.com"), "{}", err(&output));
    let with_server = [&words[..], &["--base-url", "https://slack.example.com/api"]].concat();
    let output = jackfield(&folder, &with_server);
    assert!(output.status.success(), "{}", err(&output));
}

/// Creates a connector for the service, and returns the list of tools.
fn tools_of(name: &str, document: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let made = jackfield(&folder, &["new", name, "--document", &document.display().to_string()]);
    assert!(made.status.success(), "{name}: {}", err(&made));
    let listed = jackfield(&folder, &["serve", name, "--locked", "tools"]);
    assert!(listed.status.success(), "{name}: {}", err(&listed));
    out(&listed)
}

/// `cargo xtask catalogue` creates the same connectors. It also prints figures about them, and builds some of them.
#[test]
fn every_service_with_an_available_document_becomes_a_connector() {
    let services = &Catalogue::embedded().services;
    let mut documents: Vec<(&str, PathBuf)> = services
        .iter()
        .map(|service| {
            let file = repository().join("specs").join(format!("{}.yaml", service.name));
            (service.name.as_str(), file)
        })
        .filter(|(_, document)| document.is_file())
        .collect();
    assert!(!documents.is_empty(), "specs/stripe.yaml is the document of a service");
    match fs::read_dir(shared().join("corpus")) {
        Ok(files) => {
            let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
            let by_digest: BTreeMap<String, PathBuf> =
                files.map(|path| (sha256(&fs::read(&path).unwrap()), path)).collect();
            for service in services {
                let Some(source) = &service.document else { continue };
                let Some(digest) = source.checked.sha256() else { continue };
                let document = by_digest.get(digest);
                let document =
                    document.unwrap_or_else(|| panic!("no document has the digest of {}", service.name));
                documents.push((&service.name, document.clone()));
            }
        }
        Err(_) => skipped("the documents of vendors are not there"),
    }
    let left = Mutex::new(documents);
    std::thread::scope(|scope| {
        // The largest documents take 1 GB each in a debug build.
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, document)) = next(&left) {
                    assert!(!tools_of(name, &document).is_empty(), "{name}");
                }
            });
        }
    });
}

fn next<'n>(left: &Mutex<Vec<(&'n str, PathBuf)>>) -> Option<(&'n str, PathBuf)> {
    left.lock().unwrap().pop()
}

#[test]
fn every_url_of_the_catalogue_is_in_the_table_of_sources() {
    let shared =
        std::env::var_os("JACKFIELD_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from);
    let Ok(text) = fs::read_to_string(shared.join("catalogue-sources.csv")) else {
        return skipped("the table of sources is not there");
    };
    let rows: BTreeMap<String, Vec<String>> =
        text.lines().skip(1).map(|line| (fields(line)[0].clone(), fields(line))).collect();
    let services = &Catalogue::embedded().services;
    let listed: Vec<&str> = services.iter().map(|service| service.title.as_str()).collect();
    assert!(rows.keys().all(|title| listed.contains(&title.as_str())), "a service of the table is missing");
    for service in services {
        let row = rows.get(&service.title).unwrap_or_else(|| panic!("no source names {}", service.title));
        let known = |text: &str| (text != "?").then(|| text.to_owned());
        assert_eq!(service.category, row[1], "{}", service.name);
        assert_eq!(service.mcp.as_ref().map(|mcp| mcp.address.clone()), known(&row[2]), "{}", service.name);
        let Some(document) = &service.document else { continue };
        assert_eq!(document.source, row[4], "{}", service.name);
        // A source is the owner and name of a repository, or the name of a package.
        let (kind, rest) = document.source.split_once(':').unwrap();
        let named = rest.split([':', ' ']).next().unwrap();
        let address = document.address.as_ref().or(document.repository.as_ref()).unwrap();
        let hosts: &[&str] = match kind {
            "github" => &["https://raw.githubusercontent.com/", "https://github.com/"],
            _ => &["https://registry.npmjs.org/"],
        };
        let is_named = hosts.iter().any(|host| address.starts_with(&format!("{host}{named}")));
        assert!(is_named, "{}: {address} is not at {}", service.name, document.source);
    }
}

/// Splits a line of CSV into fields, some of which are quoted.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}
