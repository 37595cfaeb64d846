//! What the operator decides: defaults, under the file `wutong.toml`, under the environment.

use std::{
    collections::BTreeMap,
    fmt::Display,
    fs,
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use chrono::Utc;
use figment::{
    Error, Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use service::{
    Database, Service,
    search::{EmbeddedEngine, FailoverEngine, MeilisearchEngine, Search},
};

/// Every key of the file and the variable that overrides it. A dot parts a table from its key.
const KEYS: [(&str, &str); 12] = [
    ("database_url", "DATABASE_URL"),
    ("address", "WUTONG_ADDR"),
    ("data", "WUTONG_DATA"),
    ("site", "WUTONG_SITE"),
    ("meili.url", "MEILI_URL"),
    ("meili.key", "MEILI_KEY"),
    ("meili.index", "MEILI_INDEX"),
    ("trusted_origins", "WUTONG_TRUSTED_ORIGINS"),
    ("secure_cookies", "WUTONG_SECURE_COOKIES"),
    ("smtp_url", "WUTONG_SMTP_URL"),
    ("mail_from", "WUTONG_MAIL_FROM"),
    ("public_url", "WUTONG_PUBLIC_URL"),
];
const FILE_VARIABLE: &str = "WUTONG_CONFIG";
const FILE_NAME: &str = "wutong.toml";
const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_INDEX: &str = "enterprises";

/// The settings of one run, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `sqlite:…` or `postgres://…`.
    pub database_url: String,
    pub address: SocketAddr,
    /// Holds the embedded database and the embedded search index.
    pub data: PathBuf,
    /// Holds the browser's half as built: scripts, styles, images.
    pub site: PathBuf,
    /// `None` means the embedded search engine.
    pub meili: Option<Meili>,
    /// Origins besides the server's own from which a browser may send changes.
    pub trusted_origins: Vec<String>,
    /// True behind HTTPS, so that browsers never send the session in the clear.
    pub secure_cookies: bool,
    /// Where people find this program, without a slash at its end; links that leave it begin with it.
    pub public_url: Option<String>,
    /// `None` means that no mail is sent.
    pub smtp: Option<Smtp>,
}

/// Where people find this program, for what is made outside of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(pub Option<String>);

/// A mail server and what mails are made with.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    /// `smtps://user:password@host:465`, or `smtp://…` with `?tls=required` for STARTTLS.
    pub url: String,
    /// Such as `梧桐 <wutong@example.cn>`.
    pub from: String,
    /// As in [`Config`].
    pub public_url: String,
}

/// Settings get logged; the password must not.
impl std::fmt::Debug for Smtp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Smtp")
            .field("url", &without_password(&self.url))
            .field("from", &self.from)
            .field("public_url", &self.public_url)
            .finish()
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct Meili {
    pub url: String,
    pub key: Option<String>,
    pub index: String,
}

/// Settings get logged; the key must not.
impl std::fmt::Debug for Meili {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Meili")
            .field("url", &self.url)
            .field("key", &self.key.as_ref().map(|_| "***"))
            .field("index", &self.index)
            .finish()
    }
}

/// Where the program stands. A value of its own, so that tests need not change the process.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub environment: BTreeMap<String, String>,
    pub working_folder: PathBuf,
    pub executable_folder: Option<PathBuf>,
}

impl Surroundings {
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            // `env::vars` panics at a value that is not UTF-8.
            environment: std::env::vars_os()
                .map(|(name, value)| {
                    (
                        name.to_string_lossy().into_owned(),
                        value.to_string_lossy().into_owned(),
                    )
                })
                .collect(),
            working_folder: PathBuf::from("."),
            executable_folder: std::env::current_exe()
                .ok()
                .and_then(|path| path.parent().map(Path::to_path_buf)),
        }
    }

    /// A variable that is set to nothing is not set: container files pass empty ones on.
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// One source of settings. Its name comes back from figment with each value, for the error message.
struct Layer {
    name: &'static str,
    values: Dict,
}

const FILE_LAYER: &str = "file";
const ENVIRONMENT_LAYER: &str = "environment";

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

impl Config {
    /// Reads the settings. `file` is the one named on the command line.
    ///
    /// # Errors
    /// One sentence that names the variable, or the file and its key, and says what it should look like.
    pub fn load(file: Option<&Path>, surroundings: &Surroundings) -> anyhow::Result<Self> {
        let file = find_file(file, surroundings);
        let mut figment = Figment::new();
        if let Some(path) = &file {
            figment = figment.merge(Layer {
                name: FILE_LAYER,
                values: read_file(path)?,
            });
        }
        for (key, variable) in KEYS {
            if let Some(value) = surroundings.variable(variable) {
                let nested = figment::util::nest(key, Value::from(value));
                figment = figment.merge(Layer {
                    name: ENVIRONMENT_LAYER,
                    values: nested.into_dict().unwrap_or_default(),
                });
            }
        }
        Settings {
            figment,
            file: file.unwrap_or_default(),
        }
        .check(surroundings)
    }

    /// The database's address without its password, for people and logs.
    #[must_use]
    pub fn database_shown(&self) -> String {
        without_password(&self.database_url)
    }

    fn is_embedded(&self) -> bool {
        self.meili.is_none() || self.database_url.starts_with("sqlite:")
    }

    /// Makes the data folder and tries to write there, because SQLite's own words for it help nobody.
    fn prepare_data(&self) -> anyhow::Result<()> {
        let said = || {
            format!(
                "the data folder {} cannot be written: give this user the right to, or set WUTONG_DATA to another folder",
                self.data.display()
            )
        };
        fs::create_dir_all(&self.data).with_context(said)?;
        let probe = self.data.join(format!(".writable-{}", std::process::id()));
        fs::write(&probe, b"probe").with_context(said)?;
        // Left behind it does no harm.
        let _ = fs::remove_file(&probe);
        Ok(())
    }
}

/// The file to read: named on the command line or in the environment, else the one at hand.
fn find_file(named: Option<&Path>, surroundings: &Surroundings) -> Option<PathBuf> {
    named
        .map(Path::to_path_buf)
        .or_else(|| surroundings.variable(FILE_VARIABLE).map(PathBuf::from))
        .map(|path| surroundings.working_folder.join(path))
        .or_else(|| {
            let path = surroundings.working_folder.join(FILE_NAME);
            path.exists().then_some(path)
        })
}

fn read_file(path: &Path) -> anyhow::Result<Dict> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow!("there is no configuration file {shown}"),
        ErrorKind::InvalidData => anyhow!("the configuration file {shown} is not UTF-8 text"),
        _ => anyhow!("the configuration file {shown} cannot be read: {error}"),
    })?;
    let values: Dict = Toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            text.bytes()
                .take(span.start)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1
        });
        anyhow!(
            "{shown}, line {line}, is not TOML: {}",
            error.message().trim()
        )
    })?;
    for (key, value) in &values {
        match value {
            Value::Dict(_, table) if key == "meili" => {
                for inner in table.keys() {
                    check_key(path, &format!("meili.{inner}"))?;
                }
            }
            _ if key == "meili" => bail!(
                "{shown}: `meili` should be a table: [meili], then url = \"http://127.0.0.1:7700\" on a line of its own"
            ),
            _ => check_key(path, key)?,
        }
    }
    Ok(values)
}

fn check_key(path: &Path, key: &str) -> anyhow::Result<()> {
    if KEYS.iter().any(|(known, _)| *known == key) {
        return Ok(());
    }
    let known: Vec<&str> = KEYS.iter().map(|(known, _)| *known).collect();
    bail!(
        "{}: nobody knows the key `{key}`; the keys are {}",
        path.display(),
        known.join(", ")
    )
}

/// The layers on top of each other, and where the file is.
struct Settings {
    figment: Figment,
    file: PathBuf,
}

impl Settings {
    fn check(&self, surroundings: &Surroundings) -> anyhow::Result<Config> {
        let data = self
            .path("data", "/var/lib/wutong")?
            .unwrap_or_else(|| PathBuf::from("./data"));
        let site = self
            .path("site", "/usr/share/wutong/site")?
            .unwrap_or_else(|| {
                surroundings
                    .executable_folder
                    .as_ref()
                    .map(|folder| folder.join("site"))
                    .filter(|folder| folder.is_dir())
                    .unwrap_or_else(|| PathBuf::from("target/site"))
            });
        let address = match self.text("address", "127.0.0.1:3000")? {
            Some(text) => text
                .parse()
                .map_err(|_| self.wrong("address", &text, "127.0.0.1:3000"))?,
            None => DEFAULT_ADDRESS,
        };
        Ok(Config {
            database_url: self.database_url(&data)?,
            address,
            data,
            site,
            meili: self.meili()?,
            trusted_origins: self.trusted_origins()?,
            secure_cookies: self.secure_cookies()?,
            smtp: self.smtp()?,
            public_url: self.public_url()?,
        })
    }

    fn database_url(&self, data: &Path) -> anyhow::Result<String> {
        const EXPECTED: &str = "sqlite:///var/lib/wutong/wutong.sqlite?mode=rwc or postgres://user:password@host/database";
        let Some(url) = self.text("database_url", EXPECTED)? else {
            // The address is percent-decoded and ends at its first question mark; a folder's name may hold both.
            let folder = data
                .to_string_lossy()
                .replace('%', "%25")
                .replace('?', "%3F");
            return Ok(format!("sqlite://{folder}/wutong.sqlite?mode=rwc"));
        };
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(self.wrong("database_url", without_password(&url), EXPECTED));
        }
        // Readers and the writer would each see a memory of their own.
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(self.wrong(
                "database_url",
                &url,
                "sqlite:///tmp/wutong.sqlite?mode=rwc, a file",
            ));
        }
        Ok(url)
    }

    fn meili(&self) -> anyhow::Result<Option<Meili>> {
        const EXPECTED: &str = "http://127.0.0.1:7700";
        const INDEX: &str = "enterprises, of letters, digits, - and _";
        let key = self.text("meili.key", "the key as Meilisearch gave it")?;
        let index = self
            .text("meili.index", INDEX)?
            .unwrap_or_else(|| DEFAULT_INDEX.to_owned());
        if !index
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
        {
            return Err(self.wrong("meili.index", &index, INDEX));
        }
        let Some(url) = self.text("meili.url", EXPECTED)? else {
            return Ok(None);
        };
        if !is_web_address(&url) {
            return Err(self.wrong("meili.url", without_password(&url), EXPECTED));
        }
        Ok(Some(Meili { url, key, index }))
    }

    fn public_url(&self) -> anyhow::Result<Option<String>> {
        const EXPECTED: &str = "https://crm.example.cn, where people find this program";
        let Some(url) = self.text("public_url", EXPECTED)? else {
            return Ok(None);
        };
        if !is_web_address(&url) || url.contains(['?', '#', '@']) {
            return Err(self.wrong("public_url", without_password(&url), EXPECTED));
        }
        Ok(Some(url.trim_end_matches('/').to_owned()))
    }

    fn smtp(&self) -> anyhow::Result<Option<Smtp>> {
        const EXPECTED: &str = "smtps://user:password@smtp.example.cn:465, or smtp://user:password@smtp.example.cn:587?tls=required";
        const FROM: &str = "梧桐 <wutong@example.cn>";
        let from = self.text("mail_from", FROM)?;
        if let Some(from) = &from
            && from.parse::<lettre::message::Mailbox>().is_err()
        {
            return Err(self.wrong("mail_from", from, FROM));
        }
        let Some(url) = self.text("smtp_url", EXPECTED)? else {
            return Ok(None);
        };
        // Its own words would hold the address, and with it the password.
        if lettre::AsyncSmtpTransport::<lettre::Tokio1Executor>::from_url(&url).is_err() {
            return Err(self.wrong("smtp_url", without_password(&url), EXPECTED));
        }
        let place = self.variable("smtp_url").unwrap_or("`smtp_url`");
        let Some(from) = from else {
            bail!(
                "{place} is set, so WUTONG_MAIL_FROM must say who mails are from, such as {FROM}"
            );
        };
        let Some(public_url) = self.public_url()? else {
            bail!(
                "{place} is set, so WUTONG_PUBLIC_URL must say where links in mails lead, such as https://crm.example.cn"
            );
        };
        Ok(Some(Smtp {
            url,
            from,
            public_url,
        }))
    }

    fn trusted_origins(&self) -> anyhow::Result<Vec<String>> {
        const KEY: &str = "trusted_origins";
        const EXPECTED: &str = "https://crm.example.cn, without a path; in the environment commas part several, in the file it is a list";
        let origins: Vec<String> = match self.figment.find_value(KEY) {
            Err(_) => Vec::new(),
            Ok(Value::String(_, text)) if self.variable(KEY).is_some() => text
                .split(',')
                .map(|origin| origin.trim().to_owned())
                .collect(),
            Ok(Value::Array(_, values)) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(_, text) => Ok(text),
                    other => Err(self.wrong(KEY, shown(&other), EXPECTED)),
                })
                .collect::<anyhow::Result<_>>()?,
            Ok(other) => return Err(self.wrong(KEY, shown(&other), EXPECTED)),
        };
        for origin in &origins {
            let host = origin.split_once("://").map_or("", |(_, host)| host);
            if !is_web_address(origin) || host.contains(['/', '?', '#', '@', ',']) {
                return Err(self.wrong(KEY, origin, EXPECTED));
            }
        }
        Ok(origins)
    }

    fn secure_cookies(&self) -> anyhow::Result<bool> {
        const KEY: &str = "secure_cookies";
        match self.figment.find_value(KEY) {
            Err(_) => Ok(false),
            Ok(Value::Bool(_, said)) => Ok(said),
            Ok(Value::String(_, text)) if self.variable(KEY).is_some() => {
                match text.to_ascii_lowercase().as_str() {
                    "true" | "1" => Ok(true),
                    "false" | "0" => Ok(false),
                    _ => Err(self.wrong(KEY, &text, "true or false")),
                }
            }
            Ok(other) => Err(self.wrong(KEY, shown(&other), "true or false")),
        }
    }

    fn text(&self, key: &str, expected: &str) -> anyhow::Result<Option<String>> {
        match self.figment.find_value(key) {
            Err(_) => Ok(None),
            Ok(Value::String(_, text)) if !text.trim().is_empty() => {
                Ok(Some(text.trim().to_owned()))
            }
            Ok(other) => Err(self.wrong(key, shown(&other), expected)),
        }
    }

    /// A path in the file is meant from the file's folder: a service is started from anywhere.
    fn path(&self, key: &str, expected: &str) -> anyhow::Result<Option<PathBuf>> {
        let path = self.text(key, expected)?.map(PathBuf::from);
        Ok(if self.variable(key).is_some() {
            path
        } else {
            let folder = self.file.parent().unwrap_or_else(|| Path::new(""));
            path.map(|path| folder.join(path))
        })
    }

    /// The variable that the value came from; `None` when it stands in the file.
    fn variable(&self, key: &str) -> Option<&'static str> {
        self.figment
            .find_metadata(key)
            .filter(|metadata| metadata.name == ENVIRONMENT_LAYER)?;
        KEYS.iter()
            .find(|(known, _)| *known == key)
            .map(|(_, variable)| *variable)
    }

    fn wrong(&self, key: &str, value: impl Display, expected: &str) -> anyhow::Error {
        let place = self.variable(key).map_or_else(
            || format!("{}: `{key}`", self.file.display()),
            str::to_owned,
        );
        // A secret must not reach a log through a message about it.
        if key == "meili.key" {
            return anyhow!("{place} should be {expected}");
        }
        anyhow!("{place} is \"{value}\": it should look like {expected}")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Char(_, character) => character.to_string(),
        Value::Bool(_, said) => said.to_string(),
        Value::Num(_, number) => number
            .to_i128()
            .map(|whole| whole.to_string())
            .or_else(|| number.to_f64().map(|fraction| fraction.to_string()))
            .unwrap_or_default(),
        Value::Empty(..) => String::new(),
        Value::Dict(..) => "a table".to_owned(),
        Value::Array(..) => "a list".to_owned(),
    }
}

fn is_web_address(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|address| {
        matches!(address.scheme_str(), Some("http" | "https"))
            && address.host().is_some_and(|host| !host.is_empty())
    })
}

/// Anything before an @ may hold a password, and so may what follows a question mark.
fn without_password(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let url = url.split('?').next().unwrap_or_default();
    let Some((credentials, place)) = url.rsplit_once('@') else {
        return url.to_owned();
    };
    let (scheme, credentials) = credentials
        .split_once("://")
        .map_or(("", credentials), |(scheme, rest)| (scheme, rest));
    let user = credentials.split(':').next().unwrap_or_default();
    match scheme {
        "" => format!("***@{place}"),
        _ => format!("{scheme}://{user}:***@{place}"),
    }
}

/// A service, and the embedded engine by itself when that is the one in use.
pub struct Opened {
    pub service: Service,
    pub embedded: Arc<EmbeddedEngine>,
}

/// Connects to the database and brings its schema up to date.
///
/// # Errors
/// One sentence for the operator: the data folder, the database, the schema.
pub async fn open_database(config: &Config) -> anyhow::Result<Database> {
    if config.is_embedded() {
        config.prepare_data()?;
    }
    let shown = config.database_shown();
    let database = Database::connect(&config.database_url)
        .await
        .with_context(|| {
            if config.database_url.starts_with("sqlite:") {
                format!("the database {shown} cannot be opened (does its folder exist, and does the address end in ?mode=rwc?)")
            } else {
                format!("the database {shown} does not answer (does it run, and is DATABASE_URL right?)")
            }
        })?;
    database
        .migrate()
        .await
        .with_context(|| format!("the schema of {shown} cannot be brought up to date"))?;
    Ok(database)
}

/// Opens database and search engine.
///
/// # Errors
/// As [`open_database`], and when the embedded search engine cannot be opened. A Meilisearch server that does not answer,
/// or refuses, keeps nothing from starting: the embedded engine answers, and the page about both says why.
pub async fn open(config: &Config) -> anyhow::Result<Opened> {
    let database = open_database(config).await?;
    let folder = config.data.join("search");
    let embedded =
        Arc::new(EmbeddedEngine::open(&folder).with_context(|| {
            format!("the search index in {} cannot be opened", folder.display())
        })?);
    let search: Search = match &config.meili {
        Some(meili) => {
            let first = MeilisearchEngine::open(
                &meili.url,
                meili.key.as_deref(),
                &meili.index,
                database.clone(),
            )
            .await;
            Arc::new(FailoverEngine::new(Arc::new(first), Arc::clone(&embedded)))
        }
        None => embedded.clone(),
    };
    Ok(Opened {
        service: Service::new(database, search, Arc::new(Utc::now))
            .with_mail(config.smtp.is_some()),
        embedded,
    })
}

/// [`open`] for those who need the service only.
///
/// # Errors
/// As [`open`].
pub async fn open_service(config: &Config) -> anyhow::Result<Service> {
    Ok(open(config).await?.service)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place {
        folder: tempfile::TempDir,
        surroundings: Surroundings,
    }

    fn place(variables: &[(&str, &str)]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place {
            surroundings: Surroundings {
                environment: variables
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
                working_folder: folder.path().to_path_buf(),
                executable_folder: None,
            },
            folder,
        }
    }

    impl Place {
        fn file(self, text: &str) -> Self {
            fs::write(self.folder.path().join(FILE_NAME), text).unwrap();
            self
        }

        fn load(&self) -> anyhow::Result<Config> {
            Config::load(None, &self.surroundings)
        }

        fn refusal(&self) -> String {
            self.load().unwrap_err().to_string()
        }
    }

    #[test]
    fn defaults_need_neither_file_nor_environment() {
        let config = place(&[]).load().unwrap();
        assert_eq!(
            config,
            Config {
                database_url: "sqlite://./data/wutong.sqlite?mode=rwc".to_owned(),
                address: "127.0.0.1:3000".parse().unwrap(),
                data: "./data".into(),
                site: "target/site".into(),
                meili: None,
                trusted_origins: Vec::new(),
                secure_cookies: false,
                public_url: None,
                smtp: None,
            }
        );
    }

    #[test]
    fn the_site_beside_the_executable_is_taken_when_it_is_there() {
        let mut place = place(&[]);
        let folder = place.folder.path().join("bin");
        place.surroundings.executable_folder = Some(folder.clone());
        assert_eq!(place.load().unwrap().site, Path::new("target/site"));
        fs::create_dir_all(folder.join("site")).unwrap();
        assert_eq!(place.load().unwrap().site, folder.join("site"));
    }

    #[test]
    fn the_environment_says_everything() {
        let config = place(&[
            ("DATABASE_URL", "postgresql://wutong:secret@db/wutong"),
            ("MEILI_URL", "https://search.example.cn"),
            ("MEILI_KEY", "key"),
            ("MEILI_INDEX", "zone_1"),
            ("WUTONG_ADDR", "[::1]:8080"),
            ("WUTONG_DATA", "/srv/data"),
            ("WUTONG_SITE", "/srv/site"),
            (
                "WUTONG_TRUSTED_ORIGINS",
                "https://a.example.cn, http://b.example.cn:8080",
            ),
            ("WUTONG_SECURE_COOKIES", "true"),
        ])
        .load()
        .unwrap();
        assert_eq!(config.database_url, "postgresql://wutong:secret@db/wutong");
        assert_eq!(config.database_shown(), "postgresql://wutong:***@db/wutong");
        assert_eq!(config.address, "[::1]:8080".parse().unwrap());
        assert_eq!(
            (config.data, config.site),
            ("/srv/data".into(), "/srv/site".into())
        );
        let meili = config.meili.unwrap();
        assert!(!format!("{meili:?}").contains("\"key\""));
        assert_eq!(
            meili,
            Meili {
                url: "https://search.example.cn".to_owned(),
                key: Some("key".to_owned()),
                index: "zone_1".to_owned()
            }
        );
        assert_eq!(
            config.trusted_origins,
            ["https://a.example.cn", "http://b.example.cn:8080"]
        );
        assert!(config.secure_cookies);
    }

    #[test]
    fn the_environment_stands_above_the_file_and_the_file_above_the_defaults() {
        let text = "address = \"127.0.0.1:4000\"\ndata = \"store\"\nsecure_cookies = true\ntrusted_origins = [\"https://a.example.cn\"]\n[meili]\nurl = \"http://file:7700\"\nkey = \"file\"\n";
        let place = place(&[
            ("WUTONG_ADDR", "127.0.0.1:5000"),
            ("MEILI_URL", "http://environment:7700"),
        ])
        .file(text);
        let config = place.load().unwrap();
        assert_eq!(config.address.port(), 5000);
        assert_eq!(config.data, place.folder.path().join("store"));
        assert!(config.secure_cookies);
        assert_eq!(config.trusted_origins, ["https://a.example.cn"]);
        let meili = config.meili.unwrap();
        assert_eq!(meili.url, "http://environment:7700");
        assert_eq!(meili.key.as_deref(), Some("file"));
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let config = place(&[("MEILI_URL", ""), ("WUTONG_ADDR", " ")])
            .load()
            .unwrap();
        assert_eq!(config.meili, None);
        assert_eq!(config.address, DEFAULT_ADDRESS);
    }

    #[test]
    fn the_file_named_on_the_command_line_goes_before_the_variable() {
        let place = place(&[("WUTONG_CONFIG", "two.toml")]);
        fs::write(
            place.folder.path().join("one.toml"),
            "address = \"127.0.0.1:1001\"",
        )
        .unwrap();
        fs::write(
            place.folder.path().join("two.toml"),
            "address = \"127.0.0.1:1002\"",
        )
        .unwrap();
        assert_eq!(place.load().unwrap().address.port(), 1002);
        let named = Config::load(Some(Path::new("one.toml")), &place.surroundings).unwrap();
        assert_eq!(named.address.port(), 1001);
        let missing = Config::load(Some(Path::new("three.toml")), &place.surroundings).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("there is no configuration file "),
            "{missing}"
        );
    }

    #[test]
    fn a_wrong_variable_is_named_with_what_it_should_look_like() {
        for (variable, value, expected) in [
            (
                "WUTONG_ADDR",
                "3000",
                "WUTONG_ADDR is \"3000\": it should look like 127.0.0.1:3000",
            ),
            (
                "MEILI_URL",
                "localhost:7700",
                "MEILI_URL is \"localhost:7700\": it should look like http://127.0.0.1:7700",
            ),
            (
                "MEILI_URL",
                "http://",
                "MEILI_URL is \"http://\": it should look like http://127.0.0.1:7700",
            ),
            (
                "MEILI_INDEX",
                "a b",
                "MEILI_INDEX is \"a b\": it should look like enterprises, ",
            ),
            (
                "WUTONG_SECURE_COOKIES",
                "maybe",
                "WUTONG_SECURE_COOKIES is \"maybe\": it should look like true or false",
            ),
            (
                "WUTONG_TRUSTED_ORIGINS",
                "a.example.cn",
                "WUTONG_TRUSTED_ORIGINS is \"a.example.cn\": it should look like https://",
            ),
            (
                "WUTONG_TRUSTED_ORIGINS",
                "https://a.example.cn/",
                "WUTONG_TRUSTED_ORIGINS is \"https://a.example.cn/\": ",
            ),
            (
                "WUTONG_TRUSTED_ORIGINS",
                "https://a.example.cn,",
                "WUTONG_TRUSTED_ORIGINS is \"\": ",
            ),
            (
                "DATABASE_URL",
                "mysql://root:secret@db/x",
                "DATABASE_URL is \"mysql://root:***@db/x\": it should look like sqlite:",
            ),
            (
                "DATABASE_URL",
                "root:secret@db/x",
                "DATABASE_URL is \"***@db/x\": ",
            ),
            (
                "DATABASE_URL",
                "sqlite::memory:",
                "DATABASE_URL is \"sqlite::memory:\": ",
            ),
        ] {
            let said = place(&[(variable, value)]).refusal();
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn mail_needs_a_server_a_sender_and_an_address_for_its_links() {
        let url = ("WUTONG_SMTP_URL", "smtps://bot:s3cret@smtp.example.cn:465");
        let from = ("WUTONG_MAIL_FROM", "梧桐 <wutong@example.cn>");
        let public = ("WUTONG_PUBLIC_URL", "https://crm.example.cn/");
        let config = place(&[url, from, public]).load().unwrap();
        let smtp = config.smtp.clone().unwrap();
        assert_eq!(smtp.public_url, "https://crm.example.cn");
        let shown = format!("{config:?}");
        assert!(shown.contains("smtps://bot:***@smtp.example.cn:465") && !shown.contains("s3cret"));
        assert_eq!(place(&[from, public]).load().unwrap().smtp, None);
        for (settings, expected) in [
            (vec![url, public], "WUTONG_MAIL_FROM must say"),
            (vec![url, from], "WUTONG_PUBLIC_URL must say"),
            (
                vec![
                    ("WUTONG_SMTP_URL", "https://bot:s3cret@smtp.example.cn"),
                    from,
                    public,
                ],
                "WUTONG_SMTP_URL is \"https://bot:***@smtp.example.cn\": it should look like smtps://",
            ),
            (
                vec![url, ("WUTONG_MAIL_FROM", "梧桐"), public],
                "WUTONG_MAIL_FROM is \"梧桐\": it should look like",
            ),
            (
                vec![("WUTONG_PUBLIC_URL", "crm.example.cn")],
                "WUTONG_PUBLIC_URL is \"crm.example.cn\": it should look like https://",
            ),
        ] {
            let said = place(&settings).refusal();
            assert!(
                said.contains(expected) && !said.contains("s3cret"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_wrong_key_of_the_file_is_named_with_the_file() {
        for (text, expected) in [
            (
                "address = 3000",
                "wutong.toml: `address` is \"3000\": it should look like 127.0.0.1:3000",
            ),
            (
                "data = true",
                "wutong.toml: `data` is \"true\": it should look like /var/lib/wutong",
            ),
            (
                "secure_cookies = \"true\"",
                "wutong.toml: `secure_cookies` is \"true\": it should look like true or false",
            ),
            (
                "trusted_origins = \"https://a\"",
                "wutong.toml: `trusted_origins` is \"https://a\": it should look like",
            ),
            ("meili = 7", "wutong.toml: `meili` should be a table"),
            (
                "[meili]\nurl = \"ftp://x\"",
                "wutong.toml: `meili.url` is \"ftp://x\": it should look like",
            ),
            (
                "[meili]\nkey = 7",
                "wutong.toml: `meili.key` should be the key as Meilisearch gave it",
            ),
            (
                "adress = \"127.0.0.1:1\"",
                "wutong.toml: nobody knows the key `adress`; the keys are database_url, address, ",
            ),
            (
                "[meili]\nurI = \"http://x\"",
                "wutong.toml: nobody knows the key `meili.urI`; ",
            ),
            ("\naddress = ", "wutong.toml, line 2, is not TOML: "),
        ] {
            let said = place(&[]).file(text).refusal();
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn a_data_folder_with_marks_in_its_name_gives_a_readable_address() {
        let config = place(&[("WUTONG_DATA", "/srv/50%?")]).load().unwrap();
        assert_eq!(
            config.database_url,
            "sqlite:///srv/50%25%3F/wutong.sqlite?mode=rwc"
        );
    }

    #[tokio::test]
    async fn a_data_folder_that_cannot_be_is_said_in_one_sentence() {
        let place = place(&[]);
        let file = place.folder.path().join("file");
        fs::write(&file, "").unwrap();
        let config = Config {
            data: file.join("data"),
            ..place.load().unwrap()
        };
        let said = open_database(&config).await.unwrap_err().to_string();
        assert!(said.contains("file/data cannot be written"), "{said}");
    }
}
