//! Entries that look like those of the official registry.

use serde_json::{Value, json};

use super::item::RegistryItem;

const TOPICS: [&str; 72] = [
    "weather",
    "forecast",
    "calendar",
    "email",
    "invoice",
    "payment",
    "refund",
    "database",
    "postgres",
    "sqlite",
    "redis",
    "kubernetes",
    "docker",
    "terraform",
    "github",
    "gitlab",
    "jira",
    "linear",
    "notion",
    "slack",
    "discord",
    "telegram",
    "maps",
    "geocoding",
    "transit",
    "flights",
    "hotels",
    "recipes",
    "nutrition",
    "fitness",
    "sleep",
    "music",
    "podcast",
    "video",
    "image",
    "screenshot",
    "browser",
    "scraper",
    "search",
    "translation",
    "speech",
    "transcript",
    "pdf",
    "spreadsheet",
    "slides",
    "contract",
    "signature",
    "identity",
    "secrets",
    "logs",
    "metrics",
    "traces",
    "alerts",
    "incident",
    "deploy",
    "pipeline",
    "tests",
    "coverage",
    "crypto",
    "stocks",
    "bonds",
    "tax",
    "payroll",
    "recruiting",
    "courses",
    "library",
    "museum",
    "archive",
    "satellite",
    "sensor",
    "drone",
    "printer",
];
const VERBS: [&str; 24] = [
    "read",
    "query",
    "create",
    "update",
    "list",
    "export",
    "import",
    "monitor",
    "summarize",
    "compare",
    "convert",
    "validate",
    "schedule",
    "track",
    "analyze",
    "search",
    "sync",
    "publish",
    "archive",
    "annotate",
    "classify",
    "generate",
    "explore",
    "manage",
];
const OBJECTS: [&str; 24] = [
    "records",
    "reports",
    "documents",
    "tickets",
    "events",
    "messages",
    "files",
    "customers",
    "orders",
    "projects",
    "tasks",
    "dashboards",
    "datasets",
    "repositories",
    "issues",
    "contacts",
    "locations",
    "prices",
    "reviews",
    "accounts",
    "sessions",
    "devices",
    "articles",
    "models",
];
const SYLLABLES: [&str; 32] = [
    "ba", "ko", "ri", "ta", "mel", "son", "vi", "lu", "dor", "gan", "pe", "shi", "mar", "ten", "ra", "zo",
    "fin", "qua", "bel", "nor", "hax", "ji", "wen", "cy", "ul", "ost", "ved", "ama", "iko", "eth", "pra",
    "dun",
];
/// Texts in other scripts, with emoji, and with characters that are hard to display.
const ODD: [&str; 8] = [
    "für Größen",
    "請求書を送る",
    "прогноз погоды",
    "🌦️ météo",
    "عربي",
    "a\u{202e}b",
    "tab\tand\nline",
    "\u{200b}zero",
];

/// Generates entries that look like those of the official registry: servers with one to six versions, packages and remote addresses, some
/// deprecated or deleted, some with odd characters, and a few malformed ones. The same seed gives the same entries.
pub fn generated_items(count: usize, seed: u64) -> Vec<RegistryItem> {
    generated(count, seed, &[1, 1, 2, 2, 3, 4, 6])
}

/// Generates entries like [`generated_items`], of which each is a server of its own.
pub fn generated_servers(count: usize, seed: u64) -> Vec<RegistryItem> {
    generated(count, seed, &[1])
}

fn generated(count: usize, seed: u64, usual_versions: &[usize]) -> Vec<RegistryItem> {
    let mut random = Random(seed);
    let mut items = Vec::with_capacity(count);
    let mut server = 0;
    while items.len() < count {
        let versions = usual_versions[random.below(usual_versions.len())].min(count - items.len());
        let about = About::of(server, &mut random);
        let status = match random.below(20) {
            0 => "deleted",
            1 => "deprecated",
            _ => "active",
        };
        for version in 0..versions {
            let is_latest = version + 1 == versions;
            let status = if is_latest { status } else { "active" };
            items.push(RegistryItem::of(&about.item(version, is_latest, status, items.len())));
        }
        server += 1;
    }
    items
}

/// Returns the number of malformed items among generated ones.
pub fn malformed_items(count: usize) -> usize {
    (0..count).filter(|at| is_malformed(*at)).count()
}

const fn is_malformed(at: usize) -> bool {
    at % 1_000 == 777
}

/// The parts of a server that all its versions have.
struct About {
    name: String,
    title: Option<String>,
    description: String,
    kind: usize,
    slug: String,
}

impl About {
    fn of(server: usize, random: &mut Random) -> Self {
        let pick = |random: &mut Random, words: &[&'static str]| words[random.below(words.len())];
        let (topic, other) = (pick(random, &TOPICS), pick(random, &TOPICS));
        let (verb, object) = (pick(random, &VERBS), pick(random, &OBJECTS));
        let publisher: String = (0..3).map(|_| pick(random, &SYLLABLES)).collect();
        let namespace = match random.below(4) {
            0 => format!("com.{publisher}{server}"),
            1 => format!("ai.{publisher}{server}"),
            _ => format!("io.github.{publisher}{server}"),
        };
        let slug = match random.below(3) {
            0 => format!("{topic}-mcp"),
            1 => format!("mcp-server-{topic}-{object}"),
            _ => format!("{topic}_{other}"),
        };
        let odd = if random.below(25) == 0 { ODD[random.below(ODD.len())] } else { "" };
        let description = match random.below(3) {
            0 => format!("MCP server to {verb} {topic} {object} with {other} {odd}"),
            1 => format!("{verb} and {} {object} of {topic} services. {odd}", pick(random, &VERBS)),
            _ => format!("Lets agents {verb} {object}, {} and {topic} {odd}", pick(random, &OBJECTS)),
        };
        Self {
            name: format!("{namespace}/{slug}"),
            title: (random.below(3) == 0).then(|| format!("{topic} {object} {odd}").trim().to_owned()),
            description: description.trim().to_owned(),
            kind: random.below(6),
            slug: format!("{publisher}{server}-{}", slug.replace('_', "-")),
        }
    }

    fn item(&self, version: usize, is_latest: bool, status: &str, at: usize) -> Value {
        let number = format!("{}.{}.{}", version / 4, version % 4, at % 7);
        let mut server = json!({
            "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
            "name": self.name,
            "description": self.description,
            "version": number,
            "repository": { "url": format!("https://github.com/example/{}", self.slug), "source": "github" },
        });
        if let Some(title) = &self.title {
            server["title"] = json!(title);
        }
        let package = |kind: &str, identifier: String| {
            json!([{
                "registryType": kind, "identifier": identifier, "version": number, "transport": { "type": "stdio" },
                "environmentVariables": [
                    { "name": "API_KEY", "description": "Key of the service", "isRequired": true, "isSecret": true },
                    { "name": "REGION", "default": "eu", "choices": ["eu", "us"] },
                ],
            }])
        };
        match self.kind {
            0 | 1 => server["packages"] = package("npm", format!("@example/{}", self.slug)),
            2 => server["packages"] = package("pypi", self.slug.clone()),
            3 => server["packages"] = package("cargo", self.slug.clone()),
            4 => server["packages"] = package("oci", format!("docker.io/example/{}:{number}", self.slug)),
            _ => {
                let url = format!("https://{}.example.com/mcp", self.slug);
                server["remotes"] = json!([{ "type": "streamable-http", "url": url, "headers": [
                    { "name": "Authorization", "isSecret": true, "value": "Bearer {token}", "variables": { "token": { "isSecret": true } } },
                ] }]);
            }
        }
        if is_malformed(at) {
            match at / 1_000 % 4 {
                0 => server["version"] = json!(format!("^{number}")),
                1 => server["description"] = Value::Null,
                2 => server["packages"] = json!("none"),
                _ => server["remotes"] = json!([{ "type": "streamable-http" }]),
            }
        }
        let minute = at % 60;
        let day = 1 + at / 1_440 % 28;
        let time = format!("2026-{:02}-{day:02}T{:02}:{minute:02}:00Z", 1 + at / 40_320 % 12, at / 60 % 24);
        json!({ "server": server, "_meta": { "io.modelcontextprotocol.registry/official": {
            "status": status, "publishedAt": time, "updatedAt": time, "isLatest": is_latest,
        } } })
    }
}

/// A generator of numbers that are the same in every run.
struct Random(u64);

impl Random {
    /// Returns a number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        usize::try_from(mixed).unwrap_or_default() % limit.max(1)
    }
}
