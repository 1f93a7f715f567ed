//! Links for people who log in at the issuer of the gateway. oidc-provider (tests/oauth) is both that issuer and the authorization
//! server of the MCP server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support::Site;
use support::accounts::{store_token, text_of};
use support::browser::target;
use support::guarded_server::GuardedServer;
use support::http_gateway::HttpGateway;
use support::provider::Provider;
use support::tiny_http::{Message, escaped, field};

/// The audience of the access tokens that the provider signs for the gateway.
const AUDIENCE: &str = "https://shop.example.com/EdDSA";

/// A browser that keeps all cookies.
struct Person(PathBuf);

impl Person {
    fn curl(&self, words: &[&str]) -> Message {
        let jar = self.0.display().to_string();
        let mut command = Command::new("curl");
        command
            .args(["-s", "-L", "-b", &jar, "-c", &jar, "-w", "\n%{http_code} %{url_effective}"])
            .args(words);
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let (body, end) = text.rsplit_once('\n').unwrap();
        let (code, address) = end.split_once(' ').unwrap();
        let first = format!("HTTP/1.1 {code}");
        Message { first, headers: vec![("address".to_owned(), address.to_owned())], body: body.to_owned() }
    }

    /// Opens the link, logs in and consents. Returns the last page.
    fn connect(&self, link: &str) -> Message {
        assert_eq!(self.curl(&[link]).code(), 200);
        let origin = format!("origin: {}", link.split("/connect").next().unwrap());
        let page = self.curl(&["-H", &origin, "-d", "", link]);
        assert_eq!(page.code(), 200, "{page:?}");
        self.curl(&[&target(&page)])
    }
}

/// Returns an access token for the gateway with this subject.
fn token_of(provider: &Provider, site: &Site, subject: &str) -> String {
    let verifier = "a".repeat(43);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let redirect = "http://127.0.0.1:1/callback";
    let issuer = &provider.issuer;
    let address = format!(
        "{issuer}/auth?client_id=native&response_type=code&redirect_uri={}&scope=books.read&resource={}&code_challenge={challenge}&code_challenge_method=S256&login_hint={subject}&state=x",
        escaped(redirect),
        escaped(AUDIENCE)
    );
    // The port of the redirect URI is closed.
    let back = Person(site.path().join(format!("cookies-of-{subject}"))).curl(&[&address]);
    let back = back.header("address").unwrap().to_owned();
    let code = field(back.split_once('?').unwrap_or_else(|| panic!("{back}")).1, "code");
    let code = code.unwrap_or_else(|| panic!("{back}"));
    let form = format!(
        "grant_type=authorization_code&client_id=native&code={}&redirect_uri={}&code_verifier={verifier}",
        escaped(&code),
        escaped(redirect)
    );
    let answer = Person(site.path().join("no-cookies")).curl(&["-d", &form, &format!("{issuer}/token")]);
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn link_of(text: &str) -> &str {
    let link = text.split("connect the account at ").nth(1).and_then(|rest| rest.split(' ').next());
    link.unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn only_the_subject_that_asked_for_a_connect_link_can_use_the_link() {
    let Some(provider) = Provider::start() else { return };
    let server = GuardedServer::start(&provider.issuer);
    let agents = ["reader", "ada"].map(|name| {
        format!("[agents.{name}]\nsubject = \"{name}\"\nconnectors = [\"docs\"]\neffects = \"destroy\"\n")
    });
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\nissuer = \"{}\"\naudience = \"{AUDIENCE}\"\nscopes = [\"books.read\"]\n[connectors.docs]\nurl = \"{}\"\ncredential = \"agent\"\n{}",
        provider.issuer,
        server.url,
        agents.concat()
    ));
    store_token(&site, &[], "token-of-the-gateway");
    let [reader, ada] = ["reader", "ada"].map(|subject| token_of(&provider, &site, subject));
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    let call = |token: &str| text_of(&gateway.call(token, "docs_greet")).to_owned();

    // Ada sends the link of her agent to the reader, whose browser logs in as the reader.
    let victim = Person(site.path().join("cookies"));
    let page = victim.connect(link_of(&call(&ada)));
    assert!(page.code() == 403 && page.body.contains("You are not the person who asked"), "{page:?}");
    assert!(call(&ada).contains("none is connected"));
    // The reader's own link works in that browser.
    let page = victim.connect(link_of(&call(&reader)));
    assert!(page.code() == 200 && page.body.contains("Your account is connected"), "{page:?}");
    let told = call(&reader);
    let token = told.strip_prefix("hello, ").unwrap_or_else(|| panic!("{told}"));
    let known = provider.introspect(token);
    assert_eq!(
        (&known["active"], &known["aud"]),
        (&true.into(), &Value::from(server.url.clone())),
        "{known}"
    );
    assert_ne!(token, reader);
    assert!(call(&ada).contains("none is connected"));
    assert!(server.all_tokens().iter().all(|seen| *seen != reader && *seen != ada));
}
