//! OAuth clients and tokens of accounts: how the gateway registers itself as a client, renews tokens, and stops using them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::accounts::Setting;
use support::browser::Browser;
use support::tiny_http::field;
use support::until;

const PUBLIC: &str = "https://tools.example.com";

/// Creates a gateway behind a TLS proxy, and a browser that reaches it through the proxy.
fn public(metadata: Value) -> (Setting, Browser) {
    let setting = Setting::with(&format!("public_url = \"{PUBLIC}/mcp\"\n"), "", |_| {});
    setting.issuer.known.lock().unwrap().metadata = metadata;
    let local = format!("http://{}", setting.gateway.host());
    (setting, Browser { proxied: Some((PUBLIC.to_owned(), local)), ..Browser::default() })
}

#[test]
fn client_id_is_the_url_of_a_metadata_document_if_the_server_supports_it() {
    let (setting, mut browser) = public(json!({ "client_id_metadata_document_supported": true }));
    let page = browser.connect(&setting.link(&setting.ada), &setting.ada);
    assert_eq!(page.code(), 200, "{page:?}");
    let asked = setting.issuer.forms("/authorize").remove(0);
    let id = format!("{PUBLIC}/connect/client/docs");
    assert_eq!(field(&asked, "client_id").as_deref(), Some(id.as_str()));
    assert_eq!(setting.issuer.forms("/register"), Vec::<String>::new());
    let page = browser.get(&id);
    let document: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(document["client_id"], id);
    assert_eq!(document["redirect_uris"], json!([field(&asked, "redirect_uri")]));
    assert_eq!(document["token_endpoint_auth_method"], "none");
    assert_eq!(browser.get(&format!("{PUBLIC}/connect/client/other")).code(), 404);
    // The tokens are renewed with the same client.
    let token = setting.server.all_tokens().pop().unwrap_or_default();
    assert_eq!(token, "token-of-the-gateway");
    let first = setting.call(&setting.ada).replace("hello, ", "");
    setting.server.rules.lock().unwrap().refused.push(first.clone());
    assert_ne!(setting.call(&setting.ada), format!("hello, {first}"));
    let renewal = setting.issuer.forms("/token").pop().unwrap();
    assert_eq!(field(&renewal, "client_id").as_deref(), Some(id.as_str()));
}

#[test]
fn gateway_registers_itself_once_if_metadata_documents_are_not_supported() {
    let (setting, mut browser) = public(json!({}));
    assert_eq!(browser.connect(&setting.link(&setting.ada), &setting.ada).code(), 200);
    assert_eq!(browser.connect(&setting.link(&setting.bob), &setting.bob).code(), 200);
    let registered = setting.issuer.forms("/register");
    let [registered] = &registered[..] else { panic!("{registered:?}") };
    let registered: Value = serde_json::from_str(registered).unwrap();
    assert_eq!(registered["redirect_uris"], json!([format!("{PUBLIC}/connect/callback/docs")]));
    assert_eq!(registered["application_type"], "web");
    assert!(setting.call(&setting.ada).starts_with("hello, access-"));
    assert_ne!(setting.call(&setting.ada), setting.call(&setting.bob));
}

#[test]
fn configured_oauth_client_is_preferred_and_a_command_prints_its_secret() {
    let connector = "client_id = \"pre\"\nclient_secret_command = [\"cat\", \"secret.txt\"]\n";
    let setting = Setting::with("", connector, |site| {
        std::fs::write(site.path().join("secret.txt"), "canary-one\n").unwrap();
    });
    {
        let mut known = setting.issuer.known.lock().unwrap();
        known.metadata = json!({
            "client_id_metadata_document_supported": true,
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        });
        known.secret = Some("canary-one".to_owned());
    }
    setting.connect_ada();
    let asked = setting.issuer.forms("/authorize").remove(0);
    assert_eq!(field(&asked, "client_id").as_deref(), Some("pre"));
    let first = setting.call(&setting.ada).replace("hello, ", "");
    // The secret changes at the authorization server and in the command's output. The command is run again once the old secret is refused.
    std::fs::write(setting.site.path().join("secret.txt"), "canary-two\n").unwrap();
    setting.issuer.known.lock().unwrap().secret = Some("canary-two".to_owned());
    setting.server.rules.lock().unwrap().refused.push(first);
    let refused = setting.call(&setting.ada);
    assert!(refused.contains("invalid_client") && !refused.contains("canary"), "{refused}");
    assert!(setting.call(&setting.ada).starts_with("hello, access-"));
    assert_eq!(setting.issuer.forms("/register"), Vec::<String>::new());
}

#[test]
fn tokens_are_renewed_on_schedule_without_a_call() {
    let setting = Setting::new();
    setting.issuer.known.lock().unwrap().life = 5;
    setting.connect_ada();
    let (code, text) = setting.site.run(&["login", "--status", "docs"]);
    assert!(code == 0 && text.contains("token:ada") && text.contains("next renewal 20"), "{text}");
    assert!(text.contains("gateway    a stored token"), "{text}");
    until("the tokens are renewed", || setting.grants("refresh_token") > 0);
    assert_eq!(setting.server.tokens_of_calls(), Vec::<String>::new());
    assert!(setting.call(&setting.ada).starts_with("hello, access-"));
}

#[test]
fn token_is_revoked_if_its_server_names_another_authorization_server() {
    for (status, is_other_resource) in [(401, false), (403, false), (401, true)] {
        let setting = Setting::new();
        setting.connect_ada();
        let token = setting.call(&setting.ada).replace("hello, ", "");
        {
            let mut rules = setting.server.rules.lock().unwrap();
            (rules.status, rules.refused) = (status, vec![token.clone()]);
            match is_other_resource {
                true => rules.resource = Some("https://bank.example.com/mcp".to_owned()),
                false => rules.issuer = "https://evil.example.com".to_owned(),
            }
        }
        let refused = setting.call(&setting.ada);
        assert!(refused.contains("the account was removed"), "{refused}");
        let seen = setting.server.all_tokens().len();
        // The server gets no more tokens, and the tokens were revoked.
        assert!(setting.call(&setting.ada).contains("login docs --agent ada"));
        assert_eq!(setting.server.all_tokens().len(), seen, "{status}");
        assert!(setting.issuer.known.lock().unwrap().revoked.contains(&token), "{status}");
        assert_eq!(setting.grants("refresh_token"), 0, "{status}");
    }
}

#[test]
fn forgotten_account_is_revoked_and_its_session_ends() {
    let setting = Setting::new();
    setting.connect_ada();
    let token = setting.call(&setting.ada).replace("hello, ", "");
    let (code, text) = setting.site.run(&["logout", "docs", "--agent", "ada"]);
    assert!(code == 0 && text.contains("revoked"), "{text}");
    assert!(setting.issuer.known.lock().unwrap().revoked.contains(&token));
    let seen = setting.server.tokens_of_calls().len();
    assert!(setting.call(&setting.ada).contains("connect the account at"));
    assert_eq!(setting.server.tokens_of_calls().len(), seen);
    let (code, text) = setting.site.run(&["login", "--status"]);
    assert!(code == 0 && !text.contains("token:ada"), "{text}");
}

#[test]
fn account_that_belongs_to_no_agent_is_reported_by_check() {
    let setting = Setting::new();
    setting.connect_ada();
    let config = std::fs::read_to_string(setting.site.path().join("gateway.toml")).unwrap();
    std::fs::write(setting.site.path().join("gateway.toml"), config.replace("[agents.ada]", "[agents.eve]"))
        .unwrap();
    let (code, text) = setting.site.run(&["check"]);
    assert!(code == 1 && text.contains("the account of token:ada belongs to no agent"), "{text}");
}
