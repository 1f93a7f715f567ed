//! Origins in jackfield.lock. An added origin is refused until the user accepts it.

use std::fs;
use std::path::PathBuf;

use jackfield_build::model::{Code, ConnectorName};
use jackfield_build::{CrateFolder, Error, Generated, Job, Manifest, NewConnector, Runtime, model_of};
use tempfile::TempDir;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com/v1 }]
security: [{ key: [] }, { account: [] }]
paths:
  /books:
    get: { operationId: listBooks, responses: { '204': { description: Done. } } }
  /status:
    get:
      operationId: getStatus
      security: []
      servers: [{ url: https://status.example.com }]
      responses: { '204': { description: Done. } }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key }
    account:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://id.example.com/authorize
          tokenUrl: https://id.example.com/token
          scopes: {}
";

/// A folder with `shop.yaml` and the connector that is generated from it.
struct Shop {
    folder: TempDir,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap() };
        shop.document(DOCUMENT);
        let runtime = Runtime::Version("0.1.0".to_owned());
        let new = NewConnector {
            name: Some(ConnectorName::new("shop").unwrap()),
            link: true,
            ..NewConnector::of(shop.path("shop.yaml"), runtime)
        };
        let connector = CrateFolder::open_or_create(&shop.path("shop"), &new).unwrap();
        connector.write(&connector.generate().unwrap()).unwrap();
        shop
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    /// Creates a connector whose document has changed since it was generated.
    fn changed(old: &str, new: &str) -> Self {
        let document = DOCUMENT.replace(old, new);
        assert_ne!(document, DOCUMENT);
        let shop = Self::new();
        shop.document(&document);
        shop
    }

    fn document(&self, text: &str) {
        fs::write(self.path("shop.yaml"), text).unwrap();
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.path("shop/jackfield.lock")).unwrap()
    }

    fn open(&self, accepted: &[&str]) -> CrateFolder {
        let connector = CrateFolder::open(&self.path("shop")).unwrap();
        connector.accepting(accepted.iter().map(|&origin| origin.to_owned()))
    }

    fn generate(&self, accepted: &[&str]) -> Result<Generated, Error> {
        self.open(accepted).generate()
    }

    /// Writes the connector, and returns the changes of its lock.
    fn write(&self, accepted: &[&str]) -> String {
        let connector = self.open(accepted);
        let generated = connector.generate().unwrap();
        connector.write(&generated).unwrap();
        generated.changes.unwrap().to_string()
    }

    /// Returns the text of the finding that ended the run.
    fn refusal(&self) -> String {
        let Err(error) = self.generate(&[]) else { panic!("the run succeeded") };
        let [finding] = error.findings() else { panic!("{error}") };
        assert_eq!(finding.diagnostic.code, Code::AddedOrigin);
        finding.to_string()
    }
}

#[test]
fn changed_server_host_is_refused_until_the_user_accepts_it() {
    let shop = Shop::changed("api.example.com", "api.example.net");
    let refusal = shop.refusal();
    assert!(refusal.contains("https://api.example.net (server 1)"), "{refusal}");
    assert!(refusal.contains("--accept-origin https://api.example.net`"), "{refusal}");
    let changes = shop.write(&["https://API.example.net:443/"]);
    assert!(
        changes.starts_with("server https://api.example.com/v1 → https://api.example.net/v1\n"),
        "{changes}"
    );
    assert!(
        changes.contains("scheme key: to https://api.example.com → https://api.example.net"),
        "{changes}"
    );
    assert!(shop.lock().contains("\naccepted https://api.example.net\norigin https://api.example.net\n"));
    assert!(shop.write(&[]).is_empty());
}

#[test]
fn changed_server_path_changes_the_lock_and_is_not_refused() {
    let shop = Shop::changed("example.com/v1", "example.com/v2");
    assert_eq!(shop.write(&[]), "server https://api.example.com/v1 → https://api.example.com/v2");
}

#[test]
fn added_origin_is_refused_with_its_reason() {
    let own = "servers: [{ url: https://api.example.com/v1 }, { url: 'https://evil.example.net' }]";
    let variable =
        "servers: [{ url: 'https://{host}/v1', variables: { host: { default: evil.example.net } } }]";
    let servers = "servers: [{ url: https://api.example.com/v1 }]";
    for (old, new, because) in [
        (servers, own, "server 2"),
        (servers, variable, "server 1"),
        ("https://status.example.com", "https://evil.example.net", "server of GET /status"),
        (
            "scopes: {}",
            "refreshUrl: https://evil.example.net/token\n          scopes: {}",
            "refresh endpoint of `account`",
        ),
        ("id.example.com/token", "evil.example.net/token", "token endpoint of `account`"),
    ] {
        let shop = Shop::changed(old, new);
        let refusal = shop.refusal();
        assert!(refusal.contains(&format!("https://evil.example.net ({because}")), "{because}: {refusal}");
    }
}

#[test]
fn credential_that_would_go_to_another_origin_of_the_lock_is_refused() {
    let shop = Shop::changed("      security: []\n", "");
    let refusal = shop.refusal();
    assert!(refusal.contains("https://status.example.com (the credential of `account`)"), "{refusal}");
}

#[test]
fn changed_default_of_a_server_variable_is_refused() {
    let document = |default: &str| {
        let server =
            format!("{{ url: 'https://{{t}}.example.com', variables: {{ t: {{ default: {default} }} }} }}");
        DOCUMENT.replace("{ url: https://api.example.com/v1 }", &server)
    };
    let shop = Shop::new();
    shop.document(&document("demo"));
    shop.write(&["https://demo.example.com", "https://{t}.example.com"]);
    assert!(shop.lock().contains("\nserver 1 https://{t}.example.com t=demo\n"), "{}", shop.lock());
    shop.document(&document("other"));
    assert!(shop.refusal().contains("https://other.example.com (server 1)"));
}

#[test]
fn removed_origin_changes_a_line_of_the_lock() {
    let shop = Shop::changed("      servers: [{ url: https://status.example.com }]\n", "");
    let changes = shop.write(&[]);
    assert!(changes.contains("removed origin https://status.example.com"), "{changes}");
    assert!(changes.contains("changed tool get_status (read)"), "{changes}");
}

#[test]
fn origin_in_connector_toml_needs_no_acceptance() {
    let shop = Shop::new();
    let path = shop.path("shop/connector.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("servers = [\"https://own.example.org\"]\n{text}")).unwrap();
    let changes = shop.write(&[]);
    assert!(changes.contains("added origin https://own.example.org"), "{changes}");
}

#[test]
fn error_about_accepting_an_unreached_origin_lists_the_reached_origins() {
    let shop = Shop::new();
    let Err(error) = shop.generate(&["https://api.example.org"]) else { panic!("the origin was accepted") };
    let error = error.to_string();
    assert!(error.contains("does not reach the origin \"https://api.example.org\""), "{error}");
    for known in ["https://api.example.com", "https://id.example.com", "https://status.example.com"] {
        assert!(error.contains(known), "{error}");
    }
}

#[test]
fn accepted_private_origin_is_in_generated_code_until_the_document_drops_it() {
    let shop = Shop::new();
    let local = DOCUMENT.replace("https://api.example.com", "http://127.0.0.1:8080");
    shop.document(&local);
    shop.write(&["http://127.0.0.1:8080"]);
    let index = || fs::read_to_string(shop.path("shop/src/generated/mod.rs")).unwrap();
    assert!(index().contains(".origins(&[\"http://127.0.0.1:8080\"])"), "{}", index());
    shop.write(&[]);
    assert!(shop.lock().contains("\naccepted http://127.0.0.1:8080\n"), "{}", shop.lock());
    shop.document(DOCUMENT);
    shop.write(&["https://api.example.com"]);
    assert!(!index().contains("127.0.0.1") && !shop.lock().contains("127.0.0.1"), "{}", shop.lock());
}

#[test]
fn lock_of_an_older_version_is_upgraded() {
    let shop = Shop::new();
    let path = shop.path("shop/jackfield.lock");
    let is_old = |line: &&str| line.starts_with("contract") || line.starts_with("tool ");
    let old: Vec<String> = shop.lock().lines().filter(is_old).map(str::to_owned).collect();
    fs::write(&path, old.join("\n")).unwrap();
    let changes = shop.write(&[]);
    assert!(changes.contains("added origin https://api.example.com"), "{changes}");
    shop.document(&DOCUMENT.replace("api.example.com", "api.example.net"));
    shop.refusal();
}

#[test]
fn added_origin_is_refused_by_every_command_except_inspect() {
    let shop = Shop::changed("api.example.com", "api.example.net");
    let manifest = || Manifest::read(&shop.path("shop/connector.toml")).unwrap();
    let error = model_of(&Job::new(manifest())).err().unwrap().to_string();
    let command = format!("jackfield gen --out {} --accept-origin", shop.path("shop").display());
    assert!(error.contains(&command), "{error}");
    let told = model_of(&Job::new(manifest()).telling_added_origins()).ok().unwrap();
    assert_eq!(told.added_origins()[0].origin, "https://api.example.net");
}

#[test]
fn line_break_in_a_document_adds_no_line_to_the_lock() {
    let shop = Shop::new();
    shop.document(&DOCUMENT.replace(
        "{ url: https://api.example.com/v1 }",
        "{ url: \"https://{a b}.example.com/x\\norigin https://evil.example.net\", variables: { \"a b\": \
         { default: \"x\\naccepted https://evil.example.net\" } } }",
    ));
    fs::remove_file(shop.path("shop/jackfield.lock")).unwrap();
    let connector = shop.open(&[]);
    connector.write(&connector.generate().unwrap()).unwrap();
    let lock = shop.lock();
    let is_evil = |line: &&str| line.starts_with("origin https://evil") || line.starts_with("accepted");
    assert_eq!(lock.lines().find(is_evil), None, "{lock}");
    assert!(lock.lines().all(|line| line.is_ascii()), "{lock}");
}

#[test]
fn lock_only_option_writes_only_the_lock() {
    let shop = Shop::new();
    fs::remove_dir_all(shop.path("shop/src")).unwrap();
    shop.document(&DOCUMENT.replace("example.com/v1", "example.com/v2"));
    let connector = CrateFolder::open(&shop.path("shop")).unwrap().lock_only();
    let generated = connector.generate().unwrap();
    assert_eq!(connector.check(&generated).unwrap().len(), 1);
    assert_eq!(connector.write(&generated).unwrap().changed, ["jackfield.lock"]);
    assert!(!shop.path("shop/src").exists());
}
