//! The commands `add` and `remove`, and connectors of the catalogue.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;

use support::Site;
use support::fake_server::{FakeServer, Reply};

fn file(site: &Site) -> String {
    fs::read_to_string(site.path().join("gateway.toml")).unwrap()
}

#[test]
fn adding_and_removing_a_connector_keeps_the_rest_of_gateway_toml() {
    let server = FakeServer::start(|_, _| None);
    let text = "# Ours.\n\n# The first one.\n[connectors.one]\nurl = \"http://127.0.0.1:9/mcp\" # closed\n\n[agents.ci]\nconnectors = [\"one\"]\neffects = \"read\"\n";
    let site = Site::of(text);
    let before = file(&site);
    let (code, told) = site.run(&["add", "docs", "--url", &server.url]);
    assert!(code == 0 && told.contains("docs_greet  destroy"), "{told}");
    assert!(
        told.contains("added `docs` to gateway.toml") && told.contains("add `docs` to its `connectors`"),
        "{told}"
    );
    let added = format!("closed\n\n[connectors.docs]\nurl = \"{}\"\n", server.url);
    assert_eq!(file(&site), before.replace("closed\n", &added));
    let (code, told) = site.run(&["remove", "one"]);
    assert!(code == 2 && told.contains("agents of gateway.toml use `one`: `ci`"), "{told}");
    let (code, told) = site.run(&["remove", "docs"]);
    assert!(code == 0 && told.contains("removed `docs`"), "{told}");
    assert_eq!(file(&site), before);
    let (code, told) = site.run(&["remove", "onne"]);
    assert!(code == 2 && told.contains("did you mean `one`?"), "{told}");
}

#[test]
fn add_creates_gateway_toml_for_the_first_connector() {
    let server = FakeServer::start(|_, _| None);
    let site = Site::of("");
    fs::remove_file(site.path().join("gateway.toml")).unwrap();
    let (code, told) = site.run(&["list"]);
    assert!(code == 2 && told.contains("make one with `jackfield-gateway add NAME`"), "{told}");
    let (code, told) = site.run(&["add", "docs", "--url", &server.url, "--header", "X-Key=HOME"]);
    assert!(code == 0 && told.contains("created gateway.toml"), "{told}");
    assert_eq!(
        file(&site),
        format!("[connectors.docs]\nurl = \"{}\"\nheaders = {{ X-Key = \"HOME\" }}\n", server.url)
    );
    // `add` sends the header with the value of the variable.
    let home = site.home().display().to_string();
    assert!(server.taken().iter().all(|it| it["headers"]["x-key"] == home.as_str()));
    let (code, told) = site.run(&["remove", "docs"]);
    assert!(code == 0, "{told}");
    assert_eq!(file(&site), "[connectors]\n");
    let (code, told) = site.run(&["list"]);
    assert!(
        code == 0 && told.contains("there are no connectors: `jackfield-gateway add NAME` adds one"),
        "{told}"
    );
}

#[test]
fn invalid_add_command_changes_nothing_and_its_error_says_what_to_type() {
    let server = FakeServer::start(|method, _| (method == "initialize").then_some(Reply::Die));
    let site = Site::of("[connectors.one]\ncommand = [\"one\"]\n");
    let before = file(&site);
    for (words, expected) in [
        (
            &["add", "one", "--url", "https://a.example/mcp"][..],
            "has a connector `one` already: choose another name, or remove it with",
        ),
        (
            &["add", "One", "--url", "https://a.example/mcp"],
            "`One` cannot be the name of a connector; use 1 to 20",
        ),
        (
            &["add", "one-more", "--url", "https://a.example/mcp"],
            "`one` and `one-more` cannot both be attached",
        ),
        (
            &["add", "two", "--url", "a.example"],
            "`two` cannot be added: `a.example` is not an HTTP URL; write `url = \"https://…\"`",
        ),
        (
            &["add", "two", "--url", "https://me:canary@a.example/mcp"],
            "leave it out, and write --token VARIABLE",
        ),
        (
            &["add", "two", "--url", "http://a.example/mcp", "--token", "T"],
            "would be sent to `http://a.example/mcp` without encryption",
        ),
        (
            &["add", "two", "--url", "https://a.example/mcp", "--header", "Host=X"],
            "the gateway itself sets the header `host`",
        ),
        (
            &["add", "two", "--url", "https://a.example/mcp", "--header", "X-Key"],
            "write it as in `--header X-Api-Key=DOCS_KEY`",
        ),
        (
            &["add", "two", "--url", "https://a.example/mcp", "--token", "T", "--credential", "agent"],
            "`token` is a token of the gateway, but each agent has an account of its own",
        ),
        (
            &["add", "two", "--url", "https://a.example/mcp", "--credential", "person"],
            "invalid value 'person'",
        ),
        (&["add", "two", "--credential", "agent", "--", "two"], "no variable in `secrets`"),
        (&["add", "two", "--env", "API_KEY=canary", "--", "two"], "write --pass API_KEY"),
        (&["add", "two", "--spec", "nowhere"], "nowhere"),
        (&["add", "two", "--catalogue", "linaer"], "did you mean `linear`?"),
        (&["add", "two", "--catalogue", "openai"], "jackfield new openai --out"),
        (&["add", "two"], "the following required arguments were not provided"),
        (&["add", "two", "--url", "https://a.example", "--spec", "b"], "cannot be used with"),
    ] {
        let (code, told) = site.run(words);
        assert!(code == 2 && told.contains(expected) && !told.contains("canary@"), "{words:?}\n{told}");
        assert_eq!(file(&site), before, "{words:?}");
    }
    // A server that does not answer is added anyway, because it may be started later.
    let (code, told) = site.run(&["add", "two", "--url", &server.url]);
    assert!(
        code == 1 && told.contains("`two` does not work") && told.contains("jackfield-gateway test two"),
        "{told}"
    );
    assert!(file(&site).contains("[connectors.two]"));
}

#[test]
fn add_command_writes_the_credential_option_to_gateway_toml() {
    let server = FakeServer::start(|_, _| None);
    let site = Site::of("[connectors]\n");
    let (code, told) = site.run(&["add", "docs", "--url", &server.url, "--credential", "agent"]);
    assert!(code == 0 && told.contains("jackfield-gateway login docs --agent AGENT"), "{told}");
    assert!(file(&site).contains(&format!("url = \"{}\"\ncredential = \"agent\"\n", server.url)));
    let (_, told) =
        site.run(&["add", "git", "--credential", "agent", "--secret", "GIT_TOKEN", "--", "git-server"]);
    assert!(told.contains("added `git`"), "{told}");
    assert!(file(&site).contains("secrets = [\"GIT_TOKEN\"]\ncredential = \"agent\"\n"), "{}", file(&site));
}

#[test]
fn catalogue_service_without_an_mcp_server_needs_a_generated_folder() {
    let site = Site::of("[connectors.l]\ncatalogue = \"linear\"\ntoken = \"LINEAR_TOKEN\"\n");
    let (code, told) = site.run(&["list"]);
    assert!(code == 0 && told.contains("l: `linear` of the catalogue, https://mcp.linear.app"), "{told}");
    site.configure("[connectors.o]\ncatalogue = \"openai\"\n");
    let (code, told) = site.run(&["check"]);
    assert!(code == 1 && told.contains("jackfield new openai --out"), "{told}");
    for (text, expected) in [
        ("catalogue = \"openai\"\ntoken = \"T\"", "there is no key `token` here"),
        ("catalogue = \"nobody-knows\"", "the catalogue has no service `nobody-knows`"),
    ] {
        site.configure(&format!("[connectors.o]\n{text}\n"));
        let (code, told) = site.run(&["list"]);
        assert!(code == 2 && told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn add_command_writes_the_path_of_a_connector_folder_or_program() {
    let site = Site::of("[connectors]\n");
    let shop = site.path().join("shop");
    fs::create_dir(&shop).unwrap();
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in ["connector.toml", "jackfield.lock"] {
        let text = fs::read_to_string(repository.join("crates/connectors/bookshop").join(name)).unwrap();
        fs::write(shop.join(name), text.replace("../../../specs/", "")).unwrap();
    }
    fs::copy(repository.join("specs/bookshop.yaml"), shop.join("bookshop.yaml")).unwrap();
    let absolute = shop.display().to_string();
    let (code, told) = site.run(&["add", "books", "--spec", &absolute]);
    assert!(code == 0 && told.contains("books_list_books"), "{told}");
    assert!(file(&site).contains("[connectors.books]\nspec = \"shop\"\n"), "{}", file(&site));
    assert!(told.contains("jackfield-gateway agent add AGENT --connectors books"), "{told}");
    let (code, told) = site.run(&["test", "books"]);
    assert!(code == 0 && told.contains("books_list_books") && told.contains("read"), "{told}");
}

#[test]
fn closed_pipe_ends_a_command_without_a_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let site = Site::of("[connectors.docs]\nurl = \"http://127.0.0.1:9/mcp\"\n");
    let out = site.command(&["check"]).stdout(writer).output().unwrap();
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && !told.contains("panicked"), "{told}");
}
