//! Tests the format of each client, and how files change when entries are written and undone. Each client has a
//! folder of test data: the entries for a program and for a URL, a file before and after the change, and the source
//! of the format.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_clients::{
    Client, ClientError, ClientFile, Place, Server, Start, Undone, Variable, Written, entry,
};

fn fixtures(client: Client) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(client.word())
}

fn fixture(client: Client, name: &str) -> String {
    let path = fixtures(client).join(format!("{name}.{}", client.extension()));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn variable(name: &str, meaning: &str, is_secret: bool) -> Variable {
    Variable { name: name.to_owned(), meaning: meaning.to_owned(), is_secret }
}

/// Returns a server that is a program with an argument that has to be escaped, a secret and a setting.
fn stdio() -> Server {
    Server {
        name: "bookshop".to_owned(),
        start: Start::Stdio {
            command: "/opt/book \"shop\"/bookshop-mcp".to_owned(),
            args: vec!["--read-only".to_owned()],
            variables: vec![
                variable("BOOKSHOP_TOKEN", "bearer token of `bookshopToken`", true),
                variable("BOOKSHOP_BASE_URL", "base URL of requests", false),
            ],
        },
    }
}

/// Returns the server of [`stdio`] without arguments.
fn without_arguments() -> Server {
    let mut server = stdio();
    if let Start::Stdio { args, .. } = &mut server.start {
        args.clear();
    }
    server
}

fn http() -> Server {
    Server {
        name: "bookshop".to_owned(),
        start: Start::Http {
            url: "http://127.0.0.1:8700/mcp".to_owned(),
            token: Some(variable("BOOKSHOP_HTTP_TOKEN", "token of the server", true)),
        },
    }
}

struct Files {
    folder: tempfile::TempDir,
    client: Client,
}

impl Files {
    fn of(client: Client, before: Option<&str>) -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap(), client };
        if let Some(before) = before {
            fs::write(files.path(), before).unwrap();
        }
        files
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(format!("settings.{}", self.client.extension()))
    }

    fn open(&self) -> ClientFile {
        ClientFile::find(&Place::named(self.path()), self.folder.path().join("state")).unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn write(&self, server: &Server) -> Result<Written, ClientError> {
        self.open().write(&entry(self.client, server).unwrap(), false)
    }

    fn undo(&self) -> Result<Undone, ClientError> {
        self.open().undo(self.client, "bookshop")
    }
}

#[test]
fn entry_has_the_format_of_its_client() {
    for client in Client::ALL {
        let built = entry(client, &stdio()).unwrap();
        assert_eq!(built.text(), fixture(client, "stdio"), "{client}");
        // If a client cannot refer to variables, its entry contains no variables, and `left_out` names them.
        let mentions = |name: &str| built.text().contains(name);
        for name in ["BOOKSHOP_TOKEN", "BOOKSHOP_BASE_URL"] {
            assert_ne!(mentions(name), built.left_out().contains(&name.to_owned()), "{client}: {name}");
        }
        match entry(client, &http()) {
            Ok(built) => assert_eq!(built.text(), fixture(client, "http"), "{client}"),
            Err(error) => {
                assert_eq!(client, Client::ClaudeDesktop);
                assert!(error.to_string().contains("leave out --http"), "{error}");
            }
        }
    }
}

#[test]
fn format_of_every_client_cites_its_source() {
    for client in Client::ALL {
        let text = fs::read_to_string(fixtures(client).join("source.toml")).unwrap();
        let source: toml::Table = toml::from_str(&text).unwrap();
        let addresses = source["addresses"].as_array().unwrap();
        assert!(!addresses.is_empty(), "{client}");
        assert!(addresses.iter().all(|it| it.as_str().unwrap().starts_with("https://")), "{client}");
        for key in ["checked", "file", "references", "unverified"] {
            assert!(source[key].is_str(), "{client}: {key}");
        }
    }
}

#[test]
fn undo_restores_the_bytes_before_the_entry_was_added() {
    for client in Client::ALL {
        let before = fixture(client, "before");
        let files = Files::of(client, Some(&before));
        let Written::Added { backup } = files.write(&stdio()).unwrap() else { panic!("{client}: not added") };
        assert_eq!(files.text(), fixture(client, "after"), "{client}");
        assert_eq!(fs::read_to_string(&backup).unwrap(), before, "{client}");
        assert_eq!(files.write(&stdio()).unwrap(), Written::Unchanged, "{client}");
        assert_eq!(files.undo().unwrap(), Undone::Restored, "{client}");
        assert_eq!(files.text(), before, "{client}");
        assert!(!backup.exists(), "{client}");
        assert!(matches!(files.undo(), Err(ClientError::NothingToUndo { .. })), "{client}");
    }
}

#[test]
fn undo_removes_a_file_that_did_not_exist_before() {
    for client in Client::ALL {
        let files = Files::of(client, None);
        assert_eq!(files.write(&stdio()).unwrap(), Written::Created, "{client}");
        assert_eq!(files.undo().unwrap(), Undone::Removed, "{client}");
        assert!(!files.path().exists(), "{client}");
    }
}

#[test]
fn undo_restores_an_empty_file() {
    for client in Client::ALL {
        for before in ["", "\n", "\u{feff}"] {
            let files = Files::of(client, Some(before));
            files.write(&stdio()).unwrap();
            assert!(files.text().starts_with(before), "{client}");
            assert_eq!(files.undo().unwrap(), Undone::Restored, "{client}");
            assert_eq!(files.text(), before, "{client}");
        }
    }
}

/// Another program changes the file before the undo. The undo keeps this change, and removes only the entry.
#[test]
fn undo_of_a_changed_file_removes_only_the_entry() {
    for client in Client::ALL {
        let before = fixture(client, "before");
        let files = Files::of(client, Some(&before));
        files.write(&stdio()).unwrap();
        let other = Server { name: "later".to_owned(), ..stdio() };
        files.open().write(&entry(client, &other).unwrap(), false).unwrap();
        assert_eq!(files.undo().unwrap(), Undone::OnlyEntry, "{client}");
        assert!(
            !files.text().contains("bookshop\"") || client == Client::Codex,
            "{client}: {}",
            files.text()
        );
        assert!(files.text().contains("later"), "{client}");
        // The result is the same as if only the second entry had been written.
        let alone = Files::of(client, Some(&before));
        alone.open().write(&entry(client, &other).unwrap(), false).unwrap();
        assert_eq!(files.text(), alone.text(), "{client}");
        // The second entry was written to a file that contained the first entry, so undoing the second entry also removes only that entry.
        assert_eq!(files.open().undo(client, "later").unwrap(), Undone::OnlyEntry, "{client}");
        assert!(!files.text().contains("/opt/book"), "{client}: {}", files.text());
    }
}

#[test]
fn entry_of_another_program_is_replaced_only_on_request() {
    for client in Client::ALL {
        let mine = Server {
            start: Start::Stdio { command: "mine".to_owned(), args: Vec::new(), variables: Vec::new() },
            ..stdio()
        };
        let files = Files::of(client, Some(&entry(client, &mine).unwrap().text()));
        let before = files.text();
        let error = files.write(&stdio()).unwrap_err();
        assert!(error.to_string().contains("--replace"), "{client}: {error}");
        assert_eq!(files.text(), before, "{client}");
        let written = files.open().write(&entry(client, &stdio()).unwrap(), true).unwrap();
        assert!(matches!(written, Written::Replaced { .. }), "{client}");
        let other = Server { name: "later".to_owned(), ..mine.clone() };
        files.open().write(&entry(client, &other).unwrap(), false).unwrap();
        assert_eq!(files.undo().unwrap(), Undone::OnlyEntry, "{client}");
        assert!(
            files.text().contains("mine") && !files.text().contains("/opt/book"),
            "{client}: {}",
            files.text()
        );
        assert_eq!(files.write(&mine).unwrap(), Written::Unchanged, "{client}: {}", files.text());
    }
}

#[test]
fn undo_of_an_updated_entry_restores_the_file_before_the_first_write() {
    for client in Client::ALL.into_iter().filter(|&client| client != Client::ClaudeDesktop) {
        let before = fixture(client, "before");
        let files = Files::of(client, Some(&before));
        files.write(&stdio()).unwrap();
        assert!(matches!(files.write(&http()).unwrap(), Written::Replaced { .. }), "{client}");
        assert_eq!(files.undo().unwrap(), Undone::Restored, "{client}");
        assert_eq!(files.text(), before, "{client}");
        // An entry that the user has changed is not overwritten.
        files.write(&stdio()).unwrap();
        fs::write(files.path(), files.text().replace("--read-only", "--surface=search")).unwrap();
        assert!(matches!(files.write(&http()), Err(ClientError::Taken { .. })), "{client}");
    }
}

#[test]
fn malformed_file_is_refused_with_its_line_and_column() {
    let json = [
        ("{\n  \"a\": 1\n  \"b\": 2\n}", "settings.json:3:3: expected `,` or `}`"),
        ("[]", "settings.json:1:1: expected an object"),
        ("{\"SERVERS\": []}", "`SERVERS` is not an object"),
        ("{\"SERVERS\": {}, \"SERVERS\": {}}", "a second `SERVERS`"),
        ("{\"SERVERS\": {\"a\": {}, \"a\": {}}}", "a second entry `a`"),
        ("{\"SERVERS\": {\"a\": \"\u{1}\"}}", "not valid JSON"),
    ];
    for client in Client::ALL.into_iter().filter(|&client| client != Client::Codex) {
        let key = match client {
            Client::VsCode => "servers",
            Client::Zed => "context_servers",
            _ => "mcpServers",
        };
        for (text, problem) in json {
            let (text, problem) = (text.replace("SERVERS", key), problem.replace("SERVERS", key));
            let files = Files::of(client, Some(&text));
            let error = files.write(&stdio()).unwrap_err().to_string();
            assert!(error.contains(&problem), "{client}: {error}");
            assert_eq!(files.text(), text, "{client}");
        }
    }
    for (text, problem) in [
        ("a = 1\nb\n", "settings.toml:2:2: expected `=`"),
        ("mcp_servers = { a = { command = \"x\" } }\n", "line 1, column 1: servers are an inline table"),
        ("[mcp_servers]\nbookshop = { command = \"x\" }\n", "line 2, column 1: this server has no header"),
        ("mcp_servers.bookshop.command = \"x\"\n", "has no header of its own"),
        ("[[mcp_servers]]\ncommand = \"x\"\n", "servers are an array"),
    ] {
        let files = Files::of(Client::Codex, Some(text));
        let error = files.write(&stdio()).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
        assert_eq!(files.text(), text);
    }
    let files = Files::of(Client::Cursor, None);
    fs::write(files.path(), b"{\n\"a\": \"\xff\"}").unwrap();
    assert!(files.write(&stdio()).unwrap_err().to_string().contains("line 2 is not UTF-8"));
}

/// The result of adding an entry to any of these files parses to the intended TOML.
#[test]
fn adding_a_toml_entry_changes_no_other_value() {
    for before in [
        "",
        "a = 1",
        "[mcp_servers]\n",
        "[mcp_servers.a]\ncommand = \"x\"\n[mcp_servers.a.env]\nB = \"1\"\n",
        "mcp_servers.a.command = \"x\"\n",
        "[mcp_servers]\na = { command = \"x\" }\n",
        "\u{feff}# c\r\n[x]\r\ny = '''\r\n[mcp_servers.bookshop]\r\n'''\r\n",
        "[[projects]]\nname = \"a\"\n\n[[projects]]\nname = \"b\"",
    ] {
        let files = Files::of(Client::Codex, Some(before));
        files.write(&stdio()).unwrap();
        let read = |text: &str| toml::from_str::<toml::Table>(text.trim_start_matches('\u{feff}')).unwrap();
        let mut after = read(&files.text());
        let servers = after["mcp_servers"].as_table_mut().unwrap();
        let own = servers.remove("bookshop").unwrap();
        assert_eq!(own["env_vars"].as_array().unwrap().len(), 2);
        let mut expected = read(before);
        expected.entry("mcp_servers").or_insert_with(|| toml::Table::new().into());
        assert_eq!(after, expected, "{before}");
        assert_eq!(files.undo().unwrap(), Undone::Restored);
        assert_eq!(files.text(), before);
    }
}

#[test]
fn file_with_an_unexpected_value_under_a_known_key_is_not_damaged() {
    for (client, before) in [
        (Client::VsCode, "{ \"servers\": {}, \"inputs\": 5 }"),
        (Client::VsCode, "{ \"servers\": {}, \"inputs\": \"\" }"),
        (Client::Cursor, "{ \"mcpServers\": 5 }"),
    ] {
        let files = Files::of(client, Some(before));
        if files.write(&stdio()).is_err() {
            assert_eq!(files.text(), before);
        }
        // The value is added after the entry was written to a file without it.
        let files = Files::of(client, Some("{}"));
        files.write(&stdio()).unwrap();
        fs::write(files.path(), before).unwrap();
        let undone = files.undo();
        let is_expected = match client {
            Client::VsCode => undone == Ok(Undone::Absent),
            _ => undone.as_ref().is_err_and(|error| error.to_string().contains("is not an object")),
        };
        assert!(is_expected, "{before}: {undone:?}");
        assert_eq!(files.text(), before);
    }
}

#[test]
fn undo_keeps_an_input_that_was_in_the_file_before_the_entry() {
    let input = r#"{ "id": "BOOKSHOP_TOKEN", "type": "promptString" }"#;
    let before = format!("{{ \"inputs\": [{input}], \"servers\": {{}} }}");
    let files = Files::of(Client::VsCode, Some(&before));
    files.write(&stdio()).unwrap();
    // The entry is written again with another command line, and then the file changes.
    files.write(&without_arguments()).unwrap();
    fs::write(files.path(), files.text() + "\n").unwrap();
    assert_eq!(files.undo(), Ok(Undone::OnlyEntry));
    assert!(files.text().contains("\"BOOKSHOP_TOKEN\""), "{}", files.text());
}

#[test]
fn second_write_to_a_created_file_is_reported_as_an_update() {
    let files = Files::of(Client::Cursor, None);
    assert_eq!(files.write(&stdio()), Ok(Written::Created));
    assert_eq!(files.write(&without_arguments()), Ok(Written::Updated));
    assert_eq!(files.undo(), Ok(Undone::Removed));
}

#[test]
fn undo_after_the_file_was_removed_keeps_the_backup() {
    let files = Files::of(Client::Cursor, Some("{ \"mine\": 1 }"));
    let Ok(Written::Added { backup }) = files.write(&stdio()) else { panic!("not added") };
    fs::remove_file(files.path()).unwrap();
    assert_eq!(files.undo(), Ok(Undone::Absent));
    assert_eq!(fs::read_to_string(backup).unwrap(), "{ \"mine\": 1 }");
}
