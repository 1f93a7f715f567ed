use std::path::Path;

use jackfield_recipe::Effect;

use super::*;

const FULL: &str = r#"
listen = "127.0.0.1:8800"
store = "state"
audit = "on"

[connectors.time]
command = ["uvx", "mcp-server-time"]
args = ["--local-timezone", "UTC"]
env = { TZ = "UTC" }
pass = ["HOME"]
timeout = 5

[connectors.time.effects]
"get_*" = "read"

[connectors.my-docs]
url = "https://docs.example.com/mcp"
token = "DOCS_TOKEN"

[connectors.shop]
spec = "bookshop"

[agents.ci]
connectors = ["time", "my-docs"]
effects = "read"

[[agents.ci.rule]]
tools = ["time_convert_time", "!time_x"]
effects = "destroy"
arguments.source.one_of = ["UTC", "Europe/Paris"]

[agents.boss]
connectors = ["shop"]

[[agents.boss.rule]]
rights = ["approve"]
"#;

fn parse(text: &str) -> Result<GatewayConfig, Vec<String>> {
    GatewayConfig::parse(Path::new("/srv/gateway.toml"), text).map_err(|error| {
        error.to_string().lines().map(|line| line.replace("/srv/gateway.toml:", "")).collect()
    })
}

#[test]
fn relative_paths_are_resolved_against_the_folder_of_gateway_toml() {
    let config = parse(FULL).unwrap();
    let names: Vec<&str> = config.connectors.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["time", "my-docs", "shop"]);
    assert_eq!(config.store.unwrap(), Path::new("/srv/state"));
    let ConnectorKind::Child(time) = &config.connectors[0].kind else { panic!("{:?}", config.connectors[0]) };
    assert_eq!((time.program.as_str(), time.arguments.len()), ("uvx", 3));
    assert_eq!((time.folder.as_path(), &time.passed[..]), (Path::new("/srv"), &["HOME".to_owned()][..]));
    assert_eq!(config.connectors[2].kind, ConnectorKind::Served("/srv/bookshop".into()));
    let effects = &config.connectors[0].effects;
    assert_eq!((effects.of("get_time"), effects.of("set_time")), (Effect::Read, Effect::Destroy));
    assert_eq!(
        config.agents.unwrap().entries.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["ci", "boss"]
    );
}

#[test]
fn rules_of_an_agent_apply_only_to_its_connectors() {
    let rights = parse(FULL).unwrap().agents.unwrap().rights;
    let text = rights.text();
    for line in [
        "principals = [\"token:ci\"]",
        "tools = [\"time_*\", \"my_docs_*\"]",
        "resources = [\"time+*\", \"ui://time/*\", \"my-docs+*\", \"ui://my-docs/*\"]",
        "tools = [\"time_convert_time\", \"!time_x\"]",
        "\"arguments\".\"source\".\"one_of\" = [\"UTC\", \"Europe/Paris\"]",
        "\"rights\" = [\"approve\"]",
        "principals = [\"token:boss\"]",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("shop_"), "{text}");
}

#[test]
fn error_about_an_invalid_gateway_toml_names_the_position_and_the_remedy() {
    for (text, expected) in [
        ("", "1:1: there are no connectors; add [connectors.NAME]"),
        ("x = 1\n[connectors.a]\nurl = \"https://a.example\"", "1:1: there is no key `x` here"),
        (
            "[connectors.A]\nurl = \"https://a.example\"",
            "1:13: `A` cannot be the name of a connector; use 1 to 20",
        ),
        (
            "[connectors.a]\n",
            "1:13: the connector has no `spec`, `command`, `url`, `catalogue` or `registry`",
        ),
        (
            "[connectors.a]\nurl = \"https://a.example\"\nspec = \"b\"",
            "1:13: the connector has `spec` and `url`, which contradict each other",
        ),
        ("[connectors.a]\nurl = \"a.example\"", "2:7: `a.example` is not an HTTP URL"),
        ("[connectors.a]\nspec = \"b\"\nargs = []", "3:1: there is no key `args` here"),
        ("[connectors.a]\ncommand = []", "2:11: the command names no program"),
        ("[connectors.a]\ncommand = \"x\"\ntimeout = 0", "3:11: 0 is out of range; write a number from 1"),
        (
            "[connectors.a]\ncommand = \"x\"\nenv = { \"a b\" = \"\" }",
            "3:9: `a b` is not the name of a variable",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[connectors.a.effects]\nb = \"reed\"",
            "4:5: there is no effect `reed`; did you mean `read`?",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[connectors.a-b]\ncommand = \"x\"",
            "3:13: `a` and `a-b` cannot both be attached",
        ),
        (
            "[connectors.time]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"tme\"]\neffects = \"read\"",
            "4:15: there is no connector `tme`; did you mean `time`?",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]",
            "3:9: the agent `ci` has neither `effects` nor a rule",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = []\neffects = \"read\"",
            "4:14: the agent `ci` has no connector",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[connectors.b]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"read\"\ntools = [\"b_*\"]",
            "9:10: `b_*` matches no connector of the agent `ci`; begin it with `a_`",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"read\"\nargumnts.x.equals = 1",
            "7:1: there is no key `argumnts` here; did you mean `arguments`?",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"read\"\nprincipals = [\"*\"]",
            "7:14: a rule of an agent cannot have `principals`",
        ),
        (
            "[connectors.a]\nurl = \"http://docs.example.com/mcp\"\ntoken = \"T\"",
            "2:7: the token would be sent to `http://docs.example.com/mcp` without encryption; write `url = \"https",
        ),
        (
            "[connectors.a]\nurl = \"http://localhost.example.com/mcp\"\ntoken = \"T\"",
            "2:7: the token would be sent",
        ),
        (
            "public_url = \"https://x.example/mcp\"\n[connectors.a]\ncommand = \"x\"",
            "1:14: `public_url` needs `listen`",
        ),
        ("[connectors.a\n", "1:"),
    ] {
        let problems = parse(text).map(|_| ()).unwrap_err();
        assert!(problems[0].starts_with(expected), "{text}\n{problems:?}");
    }
}

#[test]
fn token_may_be_sent_unencrypted_to_this_machine() {
    for host in ["127.0.0.1:80", "127.1.2.3", "localhost", "[::1]:8080"] {
        parse(&format!("[connectors.a]\nurl = \"http://{host}/mcp\"\ntoken = \"T\"")).unwrap();
    }
}

#[test]
fn empty_list_or_table_in_a_rule_is_refused() {
    let rule = "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"destroy\"\n";
    for (line, expected) in [
        ("tools = []", "7:9: `tools` is an empty array"),
        ("tools = []\nresources = [\"a+*\"]", "7:9: `tools` is an empty array"),
        ("resources = []", "7:13: `resources` is an empty array"),
        ("prompts = []", "7:11: `prompts` is an empty array"),
        ("arguments = {}", "7:13: `arguments` has no condition"),
        ("arguments.amount = {}", "7:20: `arguments.amount` has no condition"),
        ("[agents.ci.rule.arguments.amount]", "7:1: `arguments.amount` has no condition"),
    ] {
        let problems = parse(&format!("{rule}{line}")).map(|_| ()).unwrap_err();
        assert!(problems[0].starts_with(expected), "{line}\n{problems:?}");
    }
}

#[test]
fn all_problems_in_gateway_toml_are_reported_in_line_order() {
    let problems = parse("x = 1\n[connectors.A]\nurl = 1\n[connectors.b]\nurl = 2\ny = 3").unwrap_err();
    let lines: Vec<&str> = problems.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["1", "2", "5", "6"], "{problems:?}");
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn published_server_is_a_package_with_a_digest_or_a_url() {
    let text = format!(
        "[connectors.time]\nregistry = \"io.github.x/time@1.2.3\"\ndigest = \"{DIGEST}\"\nargs = [\"--zone\", \"UTC\"]\nsecrets = [\"KEY\"]\n[connectors.docs]\nregistry = \"com.example/docs@1.0.0-beta\"\nurl = \"https://docs.example.com/mcp\"\n"
    );
    let config = parse(&text).unwrap();
    let [time, docs] = &config.connectors[..] else { panic!("{:?}", config.connectors) };
    let ConnectorKind::Child(command) = &time.kind else { panic!("{time:?}") };
    assert_eq!(
        (command.program.as_str(), &command.arguments[..]),
        ("", &["--zone", "UTC"].map(str::to_owned)[..])
    );
    assert_eq!(command.package.as_ref().unwrap().digest, DIGEST);
    assert_eq!(time.published.as_ref().unwrap().to_string(), "io.github.x/time@1.2.3");
    assert_eq!(docs.published.as_ref().unwrap().to_string(), "com.example/docs@1.0.0-beta");
    assert!(
        matches!(&docs.kind, ConnectorKind::Http(server) if server.url == "https://docs.example.com/mcp")
    );
}

#[test]
fn source_of_a_package_is_the_name_of_its_server_and_not_its_version() {
    let digest = |server: &str, digest: &str, args: &str| {
        let text = format!("[connectors.a]\nregistry = \"{server}\"\ndigest = \"{digest}\"\nargs = [{args}]");
        parse(&text).unwrap().connectors[0].kind.digest()
    };
    let first = digest("io.github.x/time@1.2.3", DIGEST, "");
    assert_eq!(digest("io.github.x/time@2.0.0", &DIGEST.replace("01", "10"), "\"--new\""), first);
    assert_ne!(digest("io.github.y/time@1.2.3", DIGEST, ""), first);
}

#[test]
fn published_server_without_an_exact_version_or_digest_is_refused() {
    let with = |registry: &str, more: &str| format!("[connectors.a]\nregistry = \"{registry}\"\n{more}");
    let package = |registry: &str| with(registry, &format!("digest = \"{DIGEST}\""));
    for (text, expected) in [
        (
            with("io.github.x/time@1.2.3", ""),
            "2:12: `registry` has neither the `digest` of a package nor a `url`; run `jackfield gateway add io.github.x/time@1.2.3`",
        ),
        (package("io.github.x/time"), "2:12: `io.github.x/time` has no version"),
        (package("io.github.x/time@"), "2:12: `` is not one version"),
        (package("io.github.x/time@latest"), "2:12: `latest` is not one version"),
        (package("io.github.x/time@^1.2.3"), "2:12: `^1.2.3` is not one version"),
        (package("io.github.x/time@>=1"), "2:12: `>=1` is not one version"),
        (package("io.github.x/time@1.x"), "2:12: `1.x` is not one version"),
        (package("io.github.x/time@1.*"), "2:12: `1.*` is not one version"),
        (package("io.github.x/time@-1"), "2:12: `-1` is not one version"),
        (package("time@1.2.3"), "2:12: `time` cannot be the name of a published server"),
        (package("io.github.x/a/b@1"), "2:12: `io.github.x/a/b` cannot be the name"),
        (package("io.github.\u{445}/time@1"), "2:12: `io.github.\u{445}/time` cannot be the name"),
        (package("../../x@1"), "2:12: `../../x` cannot be the name"),
        (with("io.github.x/time@1", "digest = \"sha256:12\""), "3:10: `digest` is not `sha256:` with 64"),
        (
            with("io.github.x/time@1", &format!("digest = \"{}\"", DIGEST.to_uppercase())),
            "3:10: `digest` is not `sha256:` with 64",
        ),
        (
            with("io.github.x/time@1", &format!("digest = \"{DIGEST}\"\nurl = \"https://a.example\"")),
            "3:1: there is no key `digest` here",
        ),
        (
            with("io.github.x/time@1", &format!("digest = \"{DIGEST}\"\nuser = \"mcp\"")),
            "4:8: another user cannot read a package",
        ),
        (
            with("io.github.x/time@1", &format!("digest = \"{DIGEST}\"\ncommand = [\"x\"]")),
            "1:13: the connector has `command` and `registry`, which contradict",
        ),
    ] {
        let problems = parse(&text).map(|_| ()).unwrap_err();
        assert!(problems[0].starts_with(expected), "{text}\n{problems:?}");
    }
}
