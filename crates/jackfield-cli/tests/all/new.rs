//! Tests `jackfield new` as a process: the files that it writes, whether the written comments are true, and that a
//! failure leaves no files behind.

#[cfg(unix)]
mod new_at_a_terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jackfield_build::{Job, Manifest, ServedFolder, model_of};
use tempfile::TempDir;

use crate::running::{command_in, paste_in};

/// A temporary folder, which is empty at first.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Creates a folder with a copy of a document of `specs/`.
    fn with(spec: &str) -> Self {
        let place = Self::new();
        fs::copy(specs().join(spec), place.path(spec)).unwrap();
        place
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.0.path().join(inner)
    }

    fn read(&self, inner: &str) -> String {
        fs::read_to_string(self.path(inner)).unwrap_or_else(|error| panic!("{inner}: {error}"))
    }

    fn command(&self) -> Command {
        command_in(self.0.path())
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    fn done(&self, words: &[&str]) -> Output {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}\n{}", err(&output));
        output
    }

    /// Runs a printed command in a shell, as if a person had pasted it.
    fn paste(&self, line: &str) -> Output {
        paste_in(self.0.path(), line)
    }

    /// Returns the names of all files and folders.
    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs").canonicalize().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns the printed commands.
fn commands(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with("jackfield ")).collect()
}

/// Returns a text for each block of commented lines that a person may use. In this text, the lines of the block are no longer comments.
fn accepted_offers(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_offer = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let end = at + lines[at..].iter().take_while(|line| is_offer(line)).count();
        if end > at {
            let mut changed: Vec<&str> = lines.clone();
            changed[at..end].iter_mut().for_each(|line| *line = &line[1..]);
            found.push((lines[at..end].join("\n"), changed.join("\n")));
        }
        at = end.max(at + 1);
    }
    found
}

#[test]
fn every_suggested_line_and_printed_command_of_a_new_connector_works() {
    let place = Place::new();
    let mut documents: Vec<PathBuf> =
        fs::read_dir(specs()).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    documents.sort();
    let (mut written, mut offers) = (0, 0);
    for document in documents {
        let folder = document.file_stem().unwrap().to_string_lossy().into_owned();
        let output = place.run(&["new", &document.display().to_string(), "--out", &folder]);
        assert_ne!(output.status.code(), Some(101), "{folder}: {}", err(&output));
        if !output.status.success() {
            assert!(!place.path(&folder).exists(), "{folder}: {}", err(&output));
            continue;
        }
        written += 1;
        let manifest = place.path(&folder).join("connector.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{folder}");
        let served = ServedFolder::open(&manifest).unwrap();
        served.locked_model().unwrap_or_else(|error| panic!("{folder}: {error}"));
        let printed = out(&output);
        let lines = commands(&printed);
        assert_eq!(lines.len(), 2, "{folder}: {printed}");
        for line in lines {
            let pasted = place.paste(line);
            assert!(pasted.status.success(), "{line}\n{}", err(&pasted));
        }
        for (offer, changed) in accepted_offers(&text) {
            offers += 1;
            let parsed = Manifest::parse("connector.toml", &changed, &place.path(&folder));
            let model = parsed.and_then(|manifest| model_of(&Job::new(manifest)).map(drop));
            model.unwrap_or_else(|error| panic!("{folder}: {offer}\n{error}"));
        }
    }
    assert!(written >= 50 && offers >= 8 * written, "{written} folders with {offers} offered lines");
}

#[test]
fn options_of_new_become_lines_of_connector_toml() {
    let all = "exclude = [";
    for (words, lines, none) in [
        ("", &["[ask]", "\"effect:destroy\" = \"always\""][..], all),
        (
            "--include books",
            &["include = [\"tag:books\"]", "# The operations that become tools: 7 of 15."],
            all,
        ),
        ("--include tag:orders --include listBooks", &["include = [\"tag:orders\", \"listBooks\"]"], all),
        ("--exclude removeBook", &["exclude = [\"removeBook\"]"], "include = ["),
        ("--effects write", &["exclude = [\"effect:destroy\"]"], "[ask]\n"),
        ("--effects read", &["exclude = [\"effect:write\", \"effect:destroy\"]"], "\n[ask]"),
        ("--ask writes", &["\"effect:write\" = \"always\"", "\"effect:destroy\" = \"always\""], all),
        (
            "--ask destroy --ask placeOrder",
            &["\"effect:destroy\" = \"always\"", "placeOrder = \"always\""],
            all,
        ),
        ("--ask never", &["[ask]\n\"*\" = \"never\""], "always\"\n\n"),
        ("--ask auto", &["#[ask]"], "\n[ask]"),
        ("--name lamplight", &["name = \"lamplight\"", "LAMPLIGHT_BASE_URL"], all),
        ("--base-url http://127.0.0.1:9/v1", &["servers = [\"http://127.0.0.1:9/v1\"]"], all),
    ] {
        let place = Place::with("bookshop.yaml");
        let mut command = vec!["new", "bookshop.yaml", "--out", "shop"];
        command.extend(words.split_whitespace());
        place.done(&command);
        let text = place.read("shop/connector.toml");
        for line in lines {
            assert!(text.contains(line), "{words}: no {line}\n{text}");
        }
        assert!(!text.contains(&format!("\n{none}")), "{words}: {none}\n{text}");
    }
}

#[test]
fn new_with_auth_adds_the_credential_to_a_document_without_requirements() {
    for (spec, words, lines) in [
        ("auth_unused.yaml", "", &["require = [\"key\"]"][..]),
        ("auth_unused.yaml", "--auth none", &[]),
        (
            "no_server.yaml",
            "--auth bearer",
            &["require = [\"token\"]", "[auth.schemes.token]", "type = \"bearer\""],
        ),
        ("no_server.yaml", "--auth basic", &["[auth.schemes.login]", "type = \"basic\""]),
        (
            "no_server.yaml",
            "--auth header:X-Key",
            &["type = \"api_key\"", "in = \"header\"", "name = \"X-Key\""],
        ),
        ("no_server.yaml", "--auth query:key", &["in = \"query\"", "name = \"key\""]),
        ("no_server.yaml", "", &[]),
    ] {
        let place = Place::with(spec);
        let mut command = vec!["new", spec, "--out", "made"];
        command.extend(words.split_whitespace());
        place.done(&command);
        let text = place.read("made/connector.toml");
        assert_eq!(text.contains("\n[auth]\n"), !lines.is_empty(), "{spec} {words}\n{text}");
        for line in lines {
            assert!(text.contains(line), "{spec} {words}: no {line}\n{text}");
        }
    }
}

#[test]
fn new_with_an_invalid_command_line_says_what_to_type_and_writes_nothing() {
    for (words, parts) in [
        (
            &["new", "nothing"][..],
            &["there is no nothing", "jackfield new nothing --base-url https://api.example.com"][..],
        ),
        (&["new", "bookshop.yml"], &["did you mean bookshop.yaml?"]),
        (&["new"], &["name one of the documents here", "jackfield new bookshop.yaml", "--base-url"]),
        (&["new", "bookshop.yaml", "--include", "tag:bokks"], &["did you mean `tag:books`?"]),
        (&["new", "bookshop.yaml", "--include", "boks"], &["matches no operation"]),
        (&["new", "bookshop.yaml", "--ask", "destory"], &["`destory`"]),
        (&["new", "bookshop.yaml", "--ask", "never", "--ask", "writes"], &["`never` applies to every tool"]),
        (
            &["new", "bookshop.yaml", "--exclude", "effect:read", "--effects", "read"],
            &["no tool is left with --effects read"],
        ),
        (&["new", "bookshop.yaml", "--exclude", "*"], &["no tool is left"]),
        (&["new", "bookshop.yaml", "--auth", "bearer"], &["with bookshopToken: omit --auth"]),
        (
            &["new", "bookshop.yaml", "--operation", "GET /x -- X", "--base-url", "https://a.example"],
            &["leave it out"],
        ),
        (&["new", "http://127.0.0.1:9/openapi.yaml"], &["nothing is fetched from a private address"]),
        (&["new", "https://user:secret@example.com/openapi.yaml"], &["a user name or a password"]),
        (
            &["new", "shop", "--base-url", "https://a.example"],
            &["needs its operations", "--operation 'GET /books"],
        ),
        (&["new", "shop", "--base-url", "a.example", "--operation", "GET /x -- X"], &["a.example"]),
        (
            &["new", "shop", "--base-url", "https://a.example", "--operation", "GET /x"],
            &["--operation 'GET /x': it does not end"],
        ),
        (
            &[
                "new",
                "shop",
                "--base-url",
                "https://a.example",
                "--operation",
                "GET /x -- X",
                "--operation",
                "get /x -- Y",
            ],
            &["there are two operations GET /x"],
        ),
        (&["new", "bookshop.yaml", "--out", "file"], &["file is a file", "--out file-2"]),
    ] {
        let place = Place::with("bookshop.yaml");
        fs::write(place.path("file"), "mine").unwrap();
        let output = place.run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}\n{}", err(&output));
        for part in parts {
            assert!(err(&output).contains(part), "{words:?}: no {part}\n{}", err(&output));
        }
        assert!(out(&output).is_empty(), "{words:?}");
        assert_eq!(place.files(), ["bookshop.yaml", "file"], "{words:?}");
    }
}

#[test]
fn new_keeps_an_existing_connector_and_prints_commands_that_work() {
    let place = Place::with("bookshop.yaml");
    place.done(&["new", "bookshop.yaml", "--name", "it-s", "--out", "it's mine"]);
    let manifest = format!("{}# mine\n", place.read("it's mine/connector.toml"));
    fs::write(place.path("it's mine/connector.toml"), &manifest).unwrap();
    let output = place.run(&["new", "bookshop.yaml", "--name", "it-s", "--out", "it's mine"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(place.read("it's mine/connector.toml"), manifest);
    let printed = err(&output);
    let lines = commands(&printed);
    assert_eq!(lines.len(), 2, "{printed}");
    for line in lines {
        let pasted = place.paste(line);
        assert!(pasted.status.success(), "{line}\n{}", err(&pasted));
    }
    assert!(place.path("it's mine-2/connector.toml").exists());
    assert_eq!(place.read("it's mine/connector.toml"), manifest);
    let output = place.run(&["new", "it's mine"]);
    assert!(err(&output).contains("is a connector already"), "{}", err(&output));
}

#[test]
fn new_does_not_use_a_default_folder_that_has_other_files() {
    let place = Place::with("bookshop.yaml");
    fs::create_dir(place.path("bookshop")).unwrap();
    fs::write(place.path("bookshop/notes.txt"), "mine").unwrap();
    let output = place.run(&["new", "bookshop.yaml"]);
    assert!(err(&output).contains("the folder bookshop already contains other files"), "{}", err(&output));
    let printed = err(&output);
    assert!(place.paste(commands(&printed)[0]).status.success());
    place.done(&["new", "bookshop.yaml", "--out", "bookshop"]);
    assert_eq!(place.read("bookshop/notes.txt"), "mine");
}

#[test]
fn new_copies_referenced_files() {
    let place = Place::new();
    let document = specs().join("refs_across_files/main.yaml");
    let found = fs::read_dir(specs().join("refs_across_files")).unwrap().count();
    assert!(document.exists() && found > 1, "the fixture has several files");
    place.done(&["new", &document.display().to_string(), "--out", "made"]);
    assert!(place.read("made/connector.toml").contains("document = \"document/"));
    let served = place.done(&["serve", "made", "--locked", "tools"]);
    assert!(!out(&served).is_empty());
}

#[test]
fn connector_of_operations_on_the_command_line_sends_the_described_requests() {
    let place = Place::new();
    let operations = [
        "GET /books/{bookId} -- Look at a book",
        "GET /books q! limit:integer no:boolean state:open|closed -- Find books: \"all\" of them # now",
        "POST /books/{bookId}/notes bookId:integer text! tags:string[] -- Add a note",
    ];
    let mut words = vec!["new", "--base-url", "https://api.example.com/v1", "--auth", "header:X-Key"];
    operations.iter().for_each(|operation| words.extend(["--operation", operation]));
    let output = place.done(&words);
    for line in commands(&out(&output)) {
        assert!(place.paste(line).status.success(), "{line}");
    }
    assert_eq!(place.files(), ["example"], "the name comes from the host");
    let document = place.read("example/openapi.yaml");
    for line in [
        "title: \"example\"",
        "summary: \"Find books: \\\"all\\\" of them # now\"",
        "- { name: \"no\", in: \"query\", required: false, schema: { type: \"boolean\" } }",
        "- { name: \"bookId\", in: \"path\", required: true, schema: { type: \"integer\" } }",
    ] {
        assert!(document.contains(line), "no {line}\n{document}");
    }
    for (call, expected) in [
        (
            &["list_books", r#"{"q": "a b", "no": true, "state": "open"}"#][..],
            "GET https://api.example.com/v1/books?q=a%20b&no=true&state=open\n",
        ),
        (&["get_book", r#"{"bookId": "x"}"#], "GET https://api.example.com/v1/books/x\n"),
        (
            &["add_book_note", r#"{"bookId": 7, "text": "hi", "tags": ["a"]}"#],
            "\n{\"text\":\"hi\",\"tags\":[\"a\"]}",
        ),
    ] {
        let mut words = vec!["serve", "example", "call"];
        words.extend(call);
        words.push("--dry-run");
        let output = place.run(&words);
        assert!(out(&output).contains(expected), "{call:?}\n{}{}", out(&output), err(&output));
        assert!(out(&output).to_lowercase().contains("x-key: <example_api_key>"), "{}", out(&output));
    }
    let refused = place.run(&[
        "serve",
        "example",
        "call",
        "list_books",
        r#"{"q": "a", "state": "other"}"#,
        "--dry-run",
    ]);
    assert!(!refused.status.success());
}

#[test]
fn new_reads_a_piped_document_and_sets_the_auto_surface_for_many_tools() {
    let place = Place::new();
    let mut command = place.command();
    let document = fs::File::open(specs().join("stripe.yaml")).unwrap();
    command.args(["new", "-", "--name", "payments"]).stdin(document);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
    let text = place.read("payments/connector.toml");
    assert!(
        text.contains("\nsurface = \"auto\"\n") && text.contains("document = \"openapi.yaml\""),
        "{text}"
    );
}

/// Returns the section about this command in docs/command-line.md.
fn section() -> String {
    let page = fs::read_to_string(specs().join("../docs/command-line.md")).unwrap();
    page.split("\n## ").find(|section| section.starts_with("new\n")).unwrap().to_owned()
}

fn block(language: &str) -> String {
    let section = section();
    let (_, rest) = section.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split("\n```").next().unwrap().to_owned()
}

#[test]
fn documented_example_of_new_without_a_document_runs() {
    let place = Place::new();
    let pasted = place.paste(&block("sh"));
    assert!(pasted.status.success(), "{}", err(&pasted));
    let served = place.done(&["serve", "shop", "tools", "--json"]);
    assert!(out(&served).contains("add_book_note"), "{}", out(&served));
}
