//! Choices of connector.toml about authentication.

use std::fs;

use jackfield_build::model::{
    ClientAuthentication, Code, Connector, CredentialField, Flow, FlowKind, Location, Scheme, SchemeKind,
};
use jackfield_build::{CrateFolder, Error};

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com }]
paths:
  /bot: { get: { security: [{ bot: [] }], responses: {} } }
  /ghost: { get: { security: [{ ghost: [] }, { bot: [] }], responses: {} } }
  /browser: { get: { security: [{ browser: [read] }], responses: {} } }
  /whole: { get: { security: [{ whole: [] }], responses: {} } }
  /odd: { get: { security: [{ odd: [] }], responses: {} } }
  /token: { get: { security: [{ token: [] }], responses: {} } }
  /alike: { get: { security: [{ api-key: [] }, { api_key: [] }], responses: {} } }
  /silent: { get: { responses: {} } }
components:
  securitySchemes:
    bot: { type: apiKey, in: header, name: Authorization }
    browser: { type: oauth2, flows: { implicit: { authorizationUrl: 'https://login.example.com/authorize', scopes: { read: Look } } } }
    whole: { type: oauth2, flows: { clientCredentials: { tokenUrl: 'https://login.example.com/{tenant}/token', scopes: {} } } }
    odd: { type: http, scheme: Odd }
    token: { type: http, scheme: bearer }
    nobody: { type: http, scheme: basic }
    api-key: { type: apiKey, in: header, name: X-Key }
    api_key: { type: apiKey, in: query, name: key }
";

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\n-----END CERTIFICATE-----\n";

/// Generates the document with these choices; returns the connector, the findings and the lock.
fn generate(choices: &str) -> Result<(Connector, Vec<Code>, String), Error> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), DOCUMENT).unwrap();
    fs::write(folder.path().join("ca.pem"), format!("The root.\n{CERTIFICATE}")).unwrap();
    fs::write(folder.path().join("key.pem"), CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY")).unwrap();
    let text = format!("document = \"shop.yaml\"\n{choices}\n");
    fs::write(folder.path().join("connector.toml"), text).unwrap();
    let generated = CrateFolder::open(folder.path())?.generate()?;
    let codes = generated.report.diagnostics.iter().map(|finding| finding.code).collect();
    let lock = generated.files.get("jackfield.lock").unwrap().text.clone();
    Ok((generated.connector, codes, lock))
}

fn taken(choices: &str) -> (Connector, Vec<Code>) {
    let (connector, codes, _) = generate(choices).unwrap_or_else(|error| panic!("{choices}\n{error}"));
    (connector, codes)
}

fn refused(choices: &str) -> String {
    match generate(choices) {
        Ok(_) => panic!("{choices} was accepted"),
        Err(error) => error.to_string(),
    }
}

/// Checks that the choices are refused at their first line, with that text.
fn assert_refused(choices: &str, expected: &str) {
    let text = refused(choices);
    assert!(text.contains(expected) && text.contains("connector.toml:2:"), "{choices}: {text}");
}

fn scheme<'c>(connector: &'c Connector, name: &str) -> &'c Scheme {
    connector.schemes.iter().find(|scheme| scheme.name.as_str() == name).unwrap()
}

/// Returns the requirements of the operation with a path, such as `bot | account(read) + key`.
fn needs(connector: &Connector, path: &str) -> String {
    let operation = connector.operations().find(|operation| operation.path == path).unwrap();
    let alternatives = operation.security.iter().map(|one| {
        let needs = one.needs.iter().map(|need| need.scheme.to_string());
        needs.collect::<Vec<_>>().join(" + ")
    });
    alternatives.collect::<Vec<_>>().join(" | ")
}

#[test]
fn api_key_scheme_gets_the_prefix_and_the_command_of_connector_toml() {
    let (connector, _) = taken(
        "[auth.schemes.bot]\nprefix = \"Bot \"\ncommand = { api_key = [\"pass\", \"show\", \"shop\"] }",
    );
    let bot = scheme(&connector, "bot");
    assert_eq!(bot.prefix.as_deref(), Some("Bot "));
    assert_eq!(bot.commands.len(), 1);
    assert_eq!((bot.commands[0].field, bot.commands[0].program.len()), (CredentialField::ApiKey, 3));
    assert!(connector.schemes.iter().all(|scheme| scheme.name.as_str() != "nobody"), "no operation needs it");
}

#[test]
fn connector_toml_can_declare_a_scheme_that_the_document_lacks() {
    let (connector, codes) = taken("");
    assert!(codes.contains(&Code::UndefinedScheme));
    assert_eq!(needs(&connector, "/ghost"), "bot");
    let (connector, codes) =
        taken("[auth.schemes.ghost]\ntype = \"api_key\"\nin = \"cookie\"\nname = \"session\"");
    assert!(!codes.contains(&Code::UndefinedScheme));
    assert_eq!(needs(&connector, "/ghost"), "ghost | bot");
    let kind = &scheme(&connector, "ghost").kind;
    assert!(matches!(kind, SchemeKind::ApiKey { location: Location::Cookie, .. }), "{kind:?}");
    for (choices, told) in [
        (
            "[auth.schemes.ghost]\nprefix = \"Ghost \"",
            "no security scheme is called `ghost`; there are `api-key`,",
        ),
        ("[auth.schemes.ghost]\ntype = \"api_key\"", "the API key `ghost` has no location"),
        ("[auth.schemes.gohst]\ntype = \"bearer\"", "`gohst` in [auth.schemes] is not needed"),
        ("[auth.schemes.nobody]", "`nobody` in [auth.schemes] is not needed"),
    ] {
        assert_refused(choices, told);
    }
}

#[test]
fn connector_toml_can_set_the_type_of_an_unsupported_or_incomplete_scheme() {
    let (connector, codes) = taken("");
    assert!(codes.contains(&Code::UnsupportedScheme));
    assert!(matches!(scheme(&connector, "odd").kind, SchemeKind::Http(_)));
    let (connector, codes) = taken("[auth.schemes.odd]\ntype = \"bearer\"\nprefix = \"Odd \"");
    assert!(!codes.contains(&Code::UnsupportedScheme));
    assert_eq!(scheme(&connector, "odd").kind, SchemeKind::Bearer);
    let (connector, _) = taken(
        "[auth.schemes.token]\ntype = \"openid_connect\"\nmetadata_url = \"https://login.example.com/.well-known/openid-configuration\"",
    );
    assert_eq!(scheme(&connector, "token").kind, SchemeKind::OpenIdConnect);
    let text = refused("[auth.schemes.token]\ntype = \"basic\"");
    assert!(text.contains("declares `token` as bearer, but `type` is basic"), "{text}");
}

#[test]
fn connector_toml_adds_missing_urls_to_oauth_flows_and_selects_a_flow() {
    let (connector, codes) = taken("");
    assert!(codes.contains(&Code::UnsafeFlow) && codes.contains(&Code::MalformedSecurity));
    assert_eq!(scheme(&connector, "browser").flows[0].kind, FlowKind::Implicit);

    let (connector, codes) = taken(
        "[auth.schemes.browser]\ntoken_url = \"https://login.example.com/token\"\n\
         [auth.schemes.whole]\ntoken_url = \"https://login.example.com/shop/token\"",
    );
    assert!(!codes.contains(&Code::UnsafeFlow) && !codes.contains(&Code::MalformedSecurity), "{codes:?}");
    let code = Flow {
        authorization: Some("https://login.example.com/authorize".to_owned()),
        token: Some("https://login.example.com/token".to_owned()),
        scopes: vec!["read".to_owned()],
        ..Flow::new(FlowKind::AuthorizationCode)
    };
    assert_eq!(scheme(&connector, "browser").flows, [code]);
    assert_eq!(
        scheme(&connector, "whole").flows[0].token.as_deref(),
        Some("https://login.example.com/shop/token")
    );

    let (connector, _) = taken(
        "[auth.schemes.whole]\nflows = [\"device_code\"]\ndevice_url = \"https://login.example.com/device\"\n\
         token_url = \"https://login.example.com/token\"\nclient_id = \"shop\"\nclient_authentication = \"none\"\n\
         redirect_port = 8123\nresource = \"https://api.example.com/\"\naudience = \"shop\"\nscopes = [\"offline_access\"]",
    );
    let whole = scheme(&connector, "whole");
    assert_eq!(whole.flows.iter().map(|flow| flow.kind).collect::<Vec<_>>(), [FlowKind::DeviceCode]);
    let client = &whole.client;
    assert_eq!((client.id.as_deref(), client.redirect_port), (Some("shop"), Some(8123)));
    assert_eq!(client.authentication, ClientAuthentication::None);
    assert_eq!(
        (client.scopes.join(" "), client.audience.as_deref()),
        ("offline_access".to_owned(), Some("shop"))
    );

    let text = refused(
        "[auth.schemes.whole]\nflows = [\"client_credentials\"]\ndevice_url = \"https://login.example.com/device\"",
    );
    assert!(text.contains("no flow of `whole` uses `device_url`"), "{text}");
}

#[test]
fn connector_toml_can_add_a_missing_security_requirement() {
    let (connector, _) = taken("");
    assert_eq!(needs(&connector, "/silent"), "");
    let (connector, _) = taken("[auth]\nrequire = [\"bot\", [\"token\", \"api-key\"]]");
    assert_eq!(needs(&connector, "/silent"), "bot | api-key + token");
    assert_eq!(needs(&connector, "/bot"), "bot", "an operation with its own security keeps it");
    let text = refused("exclude = [\"GET /silent\"]\n[auth]\nrequire = [\"bot\"]");
    assert!(text.contains("`require` has no effect"), "{text}");
    let text = refused("[auth]\nrequire = [\"boot\"]");
    assert!(text.contains("no security scheme is called `boot`; there are"), "{text}");
}

#[test]
fn schemes_that_share_an_environment_variable_can_be_renamed() {
    let (_, codes) = taken("");
    assert!(codes.contains(&Code::SharedVariable));
    let (connector, codes) = taken("[auth.schemes.api_key]\nrename = \"query\"");
    assert!(!codes.contains(&Code::SharedVariable));
    assert_eq!(needs(&connector, "/alike"), "api-key | query");
    assert_eq!(
        connector.variable(scheme(&connector, "query"), CredentialField::ApiKey),
        "SHOP_API_KEY_QUERY"
    );
    let text = refused("[auth.schemes.api_key]\nrename = \"bot\"");
    assert!(text.contains("`bot` is the name of another scheme"), "{text}");
}

#[test]
fn headers_origins_and_certificates_of_connector_toml_are_in_the_connector() {
    let (connector, _) = taken(
        "headers = { X-Version = \"2022-06-28\" }\n[auth]\n\
         origins = [\"https://Uploads.example.com\", \"https://uploads.example.com\"]\nca = \"ca.pem\"",
    );
    assert_eq!(connector.headers, [("X-Version".to_owned(), "2022-06-28".to_owned())]);
    assert_eq!(connector.origins, ["https://uploads.example.com"]);
    assert_eq!(connector.authorities, [CERTIFICATE]);
}

#[test]
fn invalid_auth_setting_is_refused_with_its_line() {
    for (choices, told) in [
        (
            "headers = { Authorization = \"Bearer secret\" }",
            "`Authorization` cannot be set in connector.toml",
        ),
        ("headers = { host = \"evil.example.org\" }", "`host` cannot be set"),
        ("headers = { Content-Length = \"1\" }", "`Content-Length` cannot be set"),
        ("headers = { \"X Y\" = \"1\" }", "not the name of a header"),
        ("headers = { X-Y = \"1\\r\\nX-Z: 2\" }", "cannot be the value of a header"),
        ("headers = { X-Y = \"1\", x-y = \"2\" }", "is set twice"),
        ("auth.origins = [\"https://uploads.example.com/path\"]", "not an origin"),
        ("auth.origins = [\"https://*.example.com\"]", "not an origin"),
        ("auth.origins = [\"uploads.example.com\"]", "not an origin"),
        ("auth.ca = \"key.pem\"", "contains a private key"),
        ("auth.ca = \"shop.yaml\"", "contains no certificate"),
        ("auth.require = [[]]", "an empty alternative"),
        ("auth.wire = 1", "there is no key `wire`"),
        ("auth.schemes.bot.tokn = 1", "there is no key `tokn`"),
        (
            "auth.schemes.bot.token_url = \"https://login.example.com/token\"",
            "`token_url` does not apply to `bot`, which is api_key",
        ),
        ("auth.schemes.bot.command = { token = [\"pass\"] }", "`token` does not apply to `bot`"),
        ("auth.schemes.bot.command = { secret = [\"pass\"] }", "no scheme has a credential called `secret`"),
        ("auth.schemes.bot.command = { api_key = [] }", "this is not a command"),
        ("auth.schemes.bot.prefix = \"a\\nb\"", "a valid header value"),
        ("auth.schemes.api_key.prefix = \"Key \"", "`prefix` does not apply to `api_key`, which is api_key"),
        ("auth.schemes.odd.prefix = \"Odd \"", "an unsupported HTTP scheme"),
        ("auth.schemes.whole.token_url = \"https://me:it@login.example.com/\"", "contains credentials"),
        ("auth.schemes.whole.token_url = \"/token\"", "not an absolute URL"),
        ("auth.schemes.whole.scopes = [\"read write\"]", "not one scope"),
        ("auth.schemes.whole.redirect_port = 0", "port 0"),
        ("auth.schemes.whole.flows = []", "`flows` is empty, so no token can be obtained"),
        ("auth.schemes.whole.flows = [\"implicit\"]", "there is no value `implicit`"),
    ] {
        assert_refused(choices, told);
    }
}

#[test]
fn lock_line_of_a_scheme_changes_with_the_token_url_of_that_scheme() {
    let lock = |choices: &str| {
        let (_, _, lock) = generate(choices).unwrap();
        let line = lock.lines().find(|line| line.starts_with("scheme whole oauth2 "));
        line.unwrap_or_else(|| panic!("{lock}")).to_owned()
    };
    let plain = lock("");
    assert_eq!(plain, lock("[auth.schemes.bot]\nprefix = \"Bot \""), "another scheme changed this line");
    assert_ne!(plain, lock("[auth.schemes.whole]\ntoken_url = \"https://login.example.com/token\""));
}
