//! The command line. Whoever may run it owns the database; it acts as an administrator.

use std::{
    fmt::Write as _,
    io::{self, BufRead, ErrorKind, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use app::words::{
    Locale, chain_problem_sentence, field_name, problem_sentence, row_problem_sentence,
};
use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use domain::{
    account::{Actor, NewToken, Role, TOKEN_DAYS, TOKEN_DAYS_LIMIT, TokenScope},
    chain::{self, ChainFileProblem},
    enterprise::{ImportJob, ImportStart, ImportStatus, RefusedRow},
    problem::{Problem, TableProblem},
    trip::{SolveOptions, SolveRequest},
};
use service::{
    Service, ServiceError,
    account::NewAccount,
    demo::{DEMO_PASSWORD, demo_accounts},
    enterprise::table::TableLimits,
};

use crate::{
    config::{self, Config, open_service},
    route::enterprise::{refused_csv, refused_lines},
};

/// The account that commands act as when none is named.
const ADMINISTRATOR: &str = "admin";
/// Refused rows that are shown; a file takes them all.
const REFUSED_SHOWN: usize = 20;

#[derive(Debug, Parser)]
#[command(
    name = "wutong",
    version,
    about = "Wutong 梧桐: chain maps, target companies, leads and trips for investment promotion",
    after_help = "Example:\n  wutong serve --demo",
    propagate_version = true
)]
pub struct Cli {
    /// Settings file [else the variable WUTONG_CONFIG, else ./wutong.toml when it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the web server and its background work
    #[command(after_help = "Example:\n  WUTONG_ADDR=127.0.0.1:8080 wutong serve --demo")]
    Serve(ServeArguments),
    /// Take in companies or an industry chain from a file
    #[command(
        subcommand,
        after_help = "Example:\n  wutong import enterprises companies.xlsx"
    )]
    Import(ImportCommand),
    /// Add people and set their passwords
    #[command(
        subcommand,
        after_help = "Example:\n  wutong user add --login admin --name 管理员 --role administrator"
    )]
    User(UserCommand),
    /// Tokens for the REST API
    #[command(
        subcommand,
        after_help = "Example:\n  wutong token create --login admin --name reports"
    )]
    Token(TokenCommand),
    /// Make the search index anew from the database
    #[command(after_help = "Example:\n  wutong reindex")]
    Reindex,
    /// Solve a trip's problem alone, without a database
    #[command(
        subcommand,
        after_help = "Example:\n  wutong trip solve problem.json --seconds 5"
    )]
    Trip(TripCommand),
    /// The demo zone
    #[command(subcommand, after_help = "Example:\n  wutong demo load")]
    Demo(DemoCommand),
    /// Bring the database's schema up to date
    #[command(
        after_help = "Example:\n  DATABASE_URL=postgres://wutong@localhost/wutong wutong migrate"
    )]
    Migrate,
}

#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Load the demo zone when the database is new
    #[arg(long)]
    pub demo: bool,
}

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Take in companies from XLSX, CSV or JSON lines
    #[command(
        after_help = "Example:\n  wutong import enterprises companies.xlsx --refused refused.csv"
    )]
    Enterprises {
        file: PathBuf,
        #[command(flatten)]
        as_whom: AsWhom,
        /// Write every refused row, as it was and with the reason, to this CSV file
        #[arg(long, value_name = "FILE.csv")]
        refused: Option<PathBuf>,
        /// The list is of the zone's own companies
        #[arg(long)]
        local: bool,
    },
    /// Take in an industry chain from XLSX, JSON or CSV; it replaces the chain of the same code
    #[command(after_help = "Example:\n  wutong import chain biomedicine.json")]
    Chain {
        file: PathBuf,
        #[command(flatten)]
        as_whom: AsWhom,
    },
    /// Take in a list of product relations (from, to, relation) or industry inputs; it replaces the one before
    #[command(after_help = "Example:\n  wutong import reference product_edges.csv")]
    Reference {
        file: PathBuf,
        #[command(flatten)]
        as_whom: AsWhom,
    },
}

#[derive(Debug, Args)]
pub struct AsWhom {
    /// Act as this account
    #[arg(long = "as", value_name = "LOGIN")]
    pub login: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add an account; the password is asked for
    #[command(
        after_help = "Example:\n  wutong user add --login qin --name 秦岭 --role officer --bureau west-triangle"
    )]
    Add {
        #[arg(long)]
        login: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_parser = role_parser())]
        role: Role,
        /// Code of the bureau, for a bureau chief, officer, delegate or viewer
        #[arg(long, value_name = "CODE")]
        bureau: Option<String>,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Set a password and end every session of the account
    #[command(after_help = "Example:\n  wutong user passwd admin")]
    Passwd {
        login: String,
        #[command(flatten)]
        password: PasswordSource,
    },
}

#[derive(Debug, Args)]
pub struct PasswordSource {
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print it, once
    #[command(
        after_help = "Example:\n  wutong token create --login admin --name reports --scope read --days 90"
    )]
    Create {
        #[arg(long)]
        login: String,
        /// What the token is for
        #[arg(long)]
        name: String,
        /// What it may do: `read` asks and changes nothing, `write` does all that the account may
        #[arg(long, value_parser = scope_parser(), default_value = "write")]
        scope: TokenScope,
        /// Days until it ends
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=TOKEN_DAYS_LIMIT), default_value_t = TOKEN_DAYS)]
        days: i64,
    },
}

#[derive(Debug, Subcommand)]
pub enum TripCommand {
    /// Print the best plan found as JSON: profit, tours and times, and who is left out
    #[command(
        after_help = "Example:\n  wutong trip solve c101.txt --format toptw --teams 2 --seconds 5 --seed 1"
    )]
    Solve {
        /// A problem as JSON, or in a public text form; - reads the standard input
        file: PathBuf,
        #[arg(long, value_enum, default_value_t = TripFormat::Json)]
        format: TripFormat,
        /// Teams that travel in parallel [else the file's, else 1]
        #[arg(long)]
        teams: Option<usize>,
        /// How long to search [else the file's, else 5]
        #[arg(long)]
        seconds: Option<f64>,
        /// Seed of the search's random numbers [else the file's, else 0]
        #[arg(long)]
        seed: Option<u64>,
        /// Decimals that distances of a text form keep [else as is usual for the file's family]
        #[arg(long)]
        truncate: Option<u8>,
    },
}

/// How a problem is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TripFormat {
    /// As `POST /api/v1/trips/solve` takes it
    Json,
    /// Team orienteering with time windows: the Solomon and Cordeau sets
    Toptw,
    /// Tourist trips of several days with opening hours by weekday
    Ttdp,
}

#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Load the demo zone into an empty database
    #[command(after_help = "Example:\n  wutong demo load")]
    Load,
}

fn scope_parser() -> impl TypedValueParser<Value = TokenScope> {
    PossibleValuesParser::new(TokenScope::ALL.map(TokenScope::key))
        .map(|key| TokenScope::from_key(&key).unwrap_or_default())
}

fn role_parser() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::key))
        .map(|key| Role::from_key(&key).unwrap_or(Role::Viewer))
}

/// Runs every command but `serve`, which the program itself runs.
///
/// # Errors
/// What [`error_sentence`] turns into one sentence.
pub async fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::Serve(_) => bail!("the server is run by the program, not by a command"),
        Command::Import(ImportCommand::Enterprises {
            file,
            as_whom,
            refused,
            local,
        }) => import_enterprises(config, &file, &as_whom, refused.as_deref(), local).await,
        Command::Import(ImportCommand::Reference { file, as_whom }) => {
            import_reference(config, &file, &as_whom).await
        }
        Command::Import(ImportCommand::Chain { file, as_whom }) => {
            import_chain(config, &file, &as_whom).await
        }
        Command::User(UserCommand::Add {
            login,
            name,
            role,
            bureau,
            password,
        }) => {
            let service = open_service(config).await?;
            let password = password.read()?;
            let new = NewAccount {
                login: login.clone(),
                name,
                role,
                bureau_code: bureau,
                password,
            };
            service.add_account(new).await?;
            say(&format!("added {} ({})", login.trim(), role.key()))
        }
        Command::User(UserCommand::Passwd { login, password }) => {
            let service = open_service(config).await?;
            account(&service, &login).await?;
            service.set_password(&login, password.read()?).await?;
            say(&format!(
                "the password of {login} is set and its sessions are over"
            ))
        }
        Command::Token(TokenCommand::Create {
            login,
            name,
            scope,
            days,
        }) => {
            let service = open_service(config).await?;
            account(&service, &login).await?;
            let days = Some(days);
            let token = service
                .create_token_of(&login, NewToken { name, scope, days })
                .await?;
            tell("The token is shown this once. Send it as: Authorization: Bearer TOKEN");
            say(&token.secret)
        }
        Command::Reindex => reindex(config).await,
        Command::Trip(command) => solve_trip(command).await,
        Command::Demo(DemoCommand::Load) => {
            let service = open_service(config).await?;
            load_demo(&service).await?;
            say(&demo_table()?)
        }
        Command::Migrate => {
            config::open_database(config).await?;
            say(&format!(
                "the schema of {} is up to date",
                config.database_shown()
            ))
        }
    }
}

/// Loads the demo zone into a new database and tells of it; leaves one that has it alone.
///
/// # Errors
/// The database holds something else, or does not answer.
pub async fn load_demo(service: &Service) -> anyhow::Result<()> {
    let loaded = service
        .load_demo(&mut |part| tell(&format!("demo zone: {part}")))
        .await
        .map_err(|error| match error {
            ServiceError::Internal(detail) => anyhow!(
                "the demo zone is not loaded: {detail} (set DATABASE_URL or WUTONG_DATA to a new place for it)"
            ),
            other => other.into(),
        })?;
    match loaded {
        Some(loaded) => tell(&format!(
            "demo zone: {} chains, {} enterprises, {} leads",
            loaded.chains, loaded.enterprises, loaded.leads
        )),
        None => tell("demo zone: loaded before, nothing changed"),
    }
    Ok(())
}

/// The demo accounts, one a line, and their password.
///
/// # Errors
/// The shipped list does not parse.
pub fn demo_table() -> anyhow::Result<String> {
    let mut table = format!("{:<16}{:<15}{:<15}name\n", "login", "role", "bureau");
    for account in demo_accounts()? {
        let bureau = account.bureau.as_deref().unwrap_or("-");
        // Names stand last: a Han character is two columns wide, which padding does not know.
        let _ = writeln!(
            table,
            "{:<16}{:<15}{bureau:<15}{}",
            account.login,
            account.role.key(),
            account.name
        );
    }
    let _ = write!(table, "password of every demo account: {DEMO_PASSWORD}");
    Ok(table)
}

async fn import_enterprises(
    config: &Config,
    file: &Path,
    as_whom: &AsWhom,
    refused: Option<&Path>,
    is_local: bool,
) -> anyhow::Result<()> {
    let limit_bytes = TableLimits::default().max_bytes;
    let bytes = read_file(file, limit_bytes, || Problem::Table {
        problem: TableProblem::TooLarge { limit_bytes },
    })?;
    if let Some(refused) = refused
        && std::fs::canonicalize(refused).ok() == std::fs::canonicalize(file).ok()
    {
        bail!("--refused names the file that is imported: give it another name");
    }
    let service = open_service(config).await?;
    let actor = actor(&service, as_whom).await?;
    let job_id = service
        .upload_enterprises(&actor, &file_name(file), bytes)
        .await?;
    let preview = service.import_preview(&actor, job_id, None).await?;
    let locale = locale();
    for column in &preview.columns {
        let meaning = match column.field {
            Some(field) if column.certain => field_name(locale, field).to_owned(),
            Some(field) => format!("{} (a guess)", field_name(locale, field)),
            None => "not imported".to_owned(),
        };
        tell(&format!("column {}: {meaning}", column.header));
    }
    let mapping = preview.columns.iter().map(|column| column.field).collect();
    service
        .start_import(
            &actor,
            ImportStart {
                job_id,
                mapping,
                is_local,
            },
        )
        .await?;
    let job = finish_import(&service, &actor, job_id).await?;
    let summary = job.summary.unwrap_or_default();
    say(&format!(
        "{} rows in {}.{} s: {} new, {} updated, {} unchanged, {} refused; {} warnings",
        summary.rows,
        summary.milliseconds / 1000,
        summary.milliseconds % 1000 / 100,
        summary.inserted,
        summary.updated,
        summary.unchanged,
        summary.refused,
        summary.warnings
    ))?;
    if summary.refused == 0 {
        if let Some(refused) = refused {
            tell(&format!(
                "no row was refused; {} is not written",
                refused.display()
            ));
        }
        return Ok(());
    }
    let page = service.refused_rows(&actor, job_id, 0).await?;
    for row in page.rows.iter().take(REFUSED_SHOWN) {
        say(&refused_line(locale, row))?;
    }
    match refused {
        Some(path) => {
            let table = service.refused_table(&actor, job_id).await?;
            let text = refused_csv(&refused_lines(locale, &table))?;
            std::fs::write(path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            say(&format!("refused rows: {}", path.display()))
        }
        None => say(&format!(
            "{} reasons in all; --refused FILE.csv writes every refused row with its reason",
            page.total
        )),
    }
}

/// Works until this import is over. A running server may take it first; then this one looks on.
async fn finish_import(service: &Service, actor: &Actor, job_id: i64) -> anyhow::Result<ImportJob> {
    let mut progress = Progress::new("import", "rows");
    loop {
        let job = service.import_job(actor, job_id).await?;
        match job.status {
            ImportStatus::Finished => {
                progress.end(u64::from(job.total), u64::from(job.total));
                return Ok(job);
            }
            ImportStatus::Failed => {
                return Err(match job.problem {
                    Some(problem) => ServiceError::Problem(problem).into(),
                    None => anyhow!("the import failed; the server's log says why"),
                });
            }
            ImportStatus::Undoing | ImportStatus::Undone => {
                bail!("somebody has this import taken back");
            }
            ImportStatus::Uploaded | ImportStatus::Queued | ImportStatus::Running => {}
        }
        progress.show(u64::from(job.done), u64::from(job.total));
        let worked = service
            .run_next_import(&mut |now| progress.show(u64::from(now.done), u64::from(now.total)))
            .await?;
        if !worked {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn refused_line(locale: Locale, row: &RefusedRow) -> String {
    let mut line = format!("row {}", row.row);
    if let Some(field) = row.field {
        let _ = write!(line, ", {}", field_name(locale, field));
    }
    if !row.value.is_empty() {
        let value: String = row.value.chars().take(40).collect();
        let _ = write!(line, " \"{value}\"");
    }
    let _ = write!(line, ": {}", row_problem_sentence(locale, &row.kind));
    line
}

async fn import_chain(config: &Config, file: &Path, as_whom: &AsWhom) -> anyhow::Result<()> {
    let bytes = read_file(file, chain::file::MAX_BYTES, || Problem::TooLarge {
        limit_bytes: chain::file::MAX_BYTES,
    })?;
    let service = open_service(config).await?;
    let actor = actor(&service, as_whom).await?;
    let name = file_name(file);
    let locale = locale();
    let imported = match service.import_chain(&actor, &name, &bytes).await {
        Ok(imported) => imported,
        Err(ServiceError::Problem(Problem::ChainFile { problems })) => {
            for problem in &problems {
                tell(&chain_line(locale, &name, problem));
            }
            bail!("{} problems in {name}; nothing is imported", problems.len());
        }
        Err(other) => return Err(other.into()),
    };
    say(&format!(
        "{} nodes, {} edges, {} matches of companies",
        imported.nodes, imported.edges, imported.matches
    ))?;
    for warning in &imported.warnings {
        tell(&format!("warning: {}", chain_line(locale, &name, warning)));
    }
    Ok(())
}

async fn import_reference(config: &Config, file: &Path, as_whom: &AsWhom) -> anyhow::Result<()> {
    let limit_bytes = chain::reference::MAX_REFERENCE_BYTES;
    let bytes = read_file(file, limit_bytes, || Problem::TooLarge { limit_bytes })?;
    let service = open_service(config).await?;
    let actor = actor(&service, as_whom).await?;
    let report = service
        .load_reference(&actor, &file_name(file), bytes)
        .await?;
    say(&format!(
        "{} rows, {} kept, {} names",
        report.rows, report.kept, report.names
    ))?;
    for left in &report.left_out {
        let example = left.examples.first().map_or_else(String::new, |row| {
            format!(", first row {}: {} / {}", row.row, row.from, row.to)
        });
        tell(&format!(
            "left out: {} {:?}{example}",
            left.count, left.reason
        ));
    }
    // A server does this in the background.
    let began = Instant::now();
    service.keep_atlas().await?;
    say(&format!(
        "companies matched anew in {:.1} s",
        began.elapsed().as_secs_f64()
    ))
}

fn chain_line(locale: Locale, file_name: &str, problem: &ChainFileProblem) -> String {
    let words = chain_problem_sentence(locale, problem);
    match problem.line {
        Some(line) => format!("{file_name}:{line}: {}: {words}", problem.place),
        None => format!("{file_name}: {}: {words}", problem.place),
    }
}

async fn reindex(config: &Config) -> anyhow::Result<()> {
    let opened = config::open(config).await?;
    if opened.embedded.is_locked_elsewhere() {
        opened.service.request_search_rebuild().await?;
        return say(
            "a running server holds the search index; it makes the index anew within seconds",
        );
    }
    let mut progress = Progress::new("search index", "companies");
    let outcome = opened
        .service
        .rebuild_search(&mut |done, total| progress.show(done, total))
        .await?;
    progress.end(outcome.documents, outcome.documents);
    say(&format!(
        "the search index holds {} companies",
        outcome.documents
    ))
}

async fn actor(service: &Service, as_whom: &AsWhom) -> anyhow::Result<Actor> {
    match &as_whom.login {
        Some(login) => account(service, login).await,
        None => match service.actor_by_login(ADMINISTRATOR).await {
            Err(ServiceError::Problem(Problem::NotFound)) => bail!(
                "there is no account {ADMINISTRATOR} to act as: name another one with --as LOGIN, or add it with wutong user add --login {ADMINISTRATOR} --name NAME --role administrator"
            ),
            other => Ok(other?),
        },
    }
}

async fn account(service: &Service, login: &str) -> anyhow::Result<Actor> {
    match service.actor_by_login(login).await {
        Err(ServiceError::Problem(Problem::NotFound)) => bail!("there is no account {login}"),
        other => Ok(other?),
    }
}

impl PasswordSource {
    fn read(&self) -> anyhow::Result<String> {
        if self.password_stdin || !io::stdin().is_terminal() {
            return first_line(&mut io::stdin().lock());
        }
        let password =
            rpassword::prompt_password("Password: ").context("the password cannot be asked for")?;
        let again = rpassword::prompt_password("The same again: ")
            .context("the password cannot be asked for")?;
        if password != again {
            bail!("the two passwords differ; nothing is changed");
        }
        Ok(password)
    }
}

fn first_line(input: &mut dyn BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("the password on standard input cannot be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("standard input should hold the password on its first line");
    }
    Ok(password.to_owned())
}

/// Looks at the size before it reads: a file named by mistake may be larger than the memory.
fn read_file(
    path: &Path,
    limit_bytes: u64,
    too_large: impl FnOnce() -> Problem,
) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let said = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => anyhow!("there is no file {shown}"),
        ErrorKind::PermissionDenied => anyhow!("the file {shown} may not be read by this user"),
        _ => anyhow!("the file {shown} cannot be read: {error}"),
    };
    let facts = std::fs::metadata(path).map_err(said)?;
    if facts.is_dir() {
        bail!("{shown} is a folder; name a file in it");
    }
    if facts.len() > limit_bytes {
        return Err(ServiceError::Problem(too_large()).into());
    }
    std::fs::read(path).map_err(said)
}

/// Most bytes of a trip's problem.
const PROBLEM_BYTES: u64 = 64 << 20;

async fn solve_trip(command: TripCommand) -> anyhow::Result<()> {
    let TripCommand::Solve {
        file,
        format,
        teams,
        seconds,
        seed,
        truncate,
    } = command;
    let bytes = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .take(PROBLEM_BYTES)
            .read_to_end(&mut bytes)?;
        bytes
    } else {
        read_file(&file, PROBLEM_BYTES, || Problem::TooLarge {
            limit_bytes: PROBLEM_BYTES,
        })?
    };
    let shown = file.display();
    let text = String::from_utf8(bytes).map_err(|_| anyhow!("{shown} is no UTF-8 text"))?;
    let name = file_name(&file);
    let options = SolveOptions {
        teams,
        seconds,
        seed,
        truncate,
    };
    let request = match format {
        TripFormat::Json => SolveRequest::from_text(&text, &options),
        TripFormat::Toptw => SolveRequest::from_toptw(&text, &name, &options),
        TripFormat::Ttdp => SolveRequest::from_ttdp(&text, &options),
    }
    .map_err(|problem| anyhow!("{shown}: {problem}"))?;
    let seconds = request.seconds();
    let answer = tokio::task::spawn_blocking(move || {
        let started = Instant::now();
        request.solve(&mut |_| started.elapsed().as_secs_f64() < seconds)
    })
    .await?
    .map_err(|problem| anyhow!("{shown}: {problem}"))?;
    say(&serde_json::to_string_pretty(&answer)?)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// A result, on stdout. `println!` would panic when nobody reads on.
///
/// # Errors
/// Nobody reads on, or the disk is full.
pub fn say(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    Ok(output.flush()?)
}

/// News while work goes on, on stderr. Nobody has to hear it.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// A line that counts. On a terminal it stays in place; in a log it comes seldom.
struct Progress {
    work: &'static str,
    unit: &'static str,
    terminal: bool,
    shown: Option<Instant>,
}

impl Progress {
    fn new(work: &'static str, unit: &'static str) -> Self {
        Self {
            work,
            unit,
            terminal: io::stderr().is_terminal(),
            shown: None,
        }
    }

    fn show(&mut self, done: u64, total: u64) {
        let pause = Duration::from_millis(if self.terminal { 100 } else { 5000 });
        if self.shown.is_some_and(|shown| shown.elapsed() < pause) {
            return;
        }
        self.shown = Some(Instant::now());
        self.write(done, total);
    }

    fn end(&mut self, done: u64, total: u64) {
        self.write(done, total);
        if self.terminal {
            tell("");
        }
    }

    fn write(&self, done: u64, total: u64) {
        let line = format!("{}: {done} of {total} {}", self.work, self.unit);
        if self.terminal {
            let _ = write!(io::stderr(), "\r\x1b[K{line}");
        } else {
            tell(&line);
        }
    }
}

/// The language of the person at the terminal.
#[must_use]
pub fn locale() -> Locale {
    let variable = |name: &str| std::env::var(name).ok();
    locale_of(
        variable("WUTONG_LANG").as_deref(),
        variable("LANG").as_deref(),
    )
}

fn locale_of(wutong_lang: Option<&str>, lang: Option<&str>) -> Locale {
    let said = wutong_lang.filter(|said| !said.is_empty()).or(lang);
    if said.is_some_and(|said| said.to_ascii_lowercase().starts_with("zh")) {
        Locale::ZhCn
    } else {
        Locale::En
    }
}

/// A problem in the words of the person at the terminal.
#[must_use]
pub fn sentence(problem: &Problem) -> String {
    problem_sentence(locale(), problem)
}

/// What kept the program from listening at its address.
#[must_use]
pub fn address_sentence(address: std::net::SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!("the address {address} is taken: stop the other program or set WUTONG_ADDR")
        }
        ErrorKind::PermissionDenied => format!(
            "the address {address} is not for this user: set WUTONG_ADDR to a port of 1024 or above"
        ),
        ErrorKind::AddrNotAvailable => format!(
            "the address {address} is none of this machine's: set WUTONG_ADDR, for example to 127.0.0.1:3000"
        ),
        _ => format!("nobody can listen at {address}: {error}"),
    }
}

/// Whatever went wrong, in one sentence.
#[must_use]
pub fn error_sentence(error: &anyhow::Error) -> String {
    let detail = one_line(error);
    if is_disk_full(error, &detail) {
        return "the disk is full: make room and do it again; what was written before is kept whole".to_owned();
    }
    if detail.contains("attempt to write a readonly database") {
        return format!("the database may not be written by this user: {detail}");
    }
    if detail.contains("database is locked") {
        return format!("another program has held the database for too long: {detail}");
    }
    if detail.contains("LockBusy") || detail.contains("Failed to acquire Lockfile") {
        return "another program is writing the search index: try again when it is done".to_owned();
    }
    match error.downcast_ref::<ServiceError>() {
        Some(ServiceError::Problem(problem)) => sentence(problem),
        Some(ServiceError::Search(error)) => format!(
            "{}: {}",
            locale().engine(error.engine),
            locale().engine_problem(&error.problem)
        ),
        Some(ServiceError::Database(_)) => format!("the database does not answer: {detail}"),
        Some(ServiceError::Internal(_)) | None => match error.downcast_ref::<io::Error>() {
            Some(output) if output.kind() == ErrorKind::BrokenPipe => {
                "nobody reads the output on".to_owned()
            }
            _ => detail,
        },
    }
}

/// The chain of causes on one line, without a cause that its effect has told already.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.contains(&words) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&words);
    }
    line
}

/// Engines pass the system's error on as words, so that words have to be looked at as well.
fn is_disk_full(error: &anyhow::Error, detail: &str) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|cause| {
            matches!(
                cause.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            )
        })
    }) || [
        "No space left on device",
        "database or disk is full",
        "os error 28",
    ]
    .iter()
    .any(|words| detail.contains(words))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use domain::enterprise::EngineProblem;
    use service::search::SearchError;

    use super::*;

    #[test]
    fn every_command_has_help_with_an_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path}");
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.contains("wutong"), "{path}");
            for inner in command.get_subcommands() {
                check(inner, &path);
            }
        }
        Cli::command().debug_assert();
        check(&Cli::command(), "");
    }

    #[test]
    fn every_example_of_the_help_parses() {
        fn examples(command: &clap::Command, found: &mut Vec<String>) {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            found.extend(help.lines().skip(1).map(str::to_owned));
            for inner in command.get_subcommands() {
                examples(inner, found);
            }
        }
        let mut found = Vec::new();
        examples(&Cli::command(), &mut found);
        assert!(found.len() > 10);
        for example in found {
            let words = example
                .split_whitespace()
                .skip_while(|word| *word != "wutong");
            assert!(Cli::try_parse_from(words).is_ok(), "{example}");
        }
    }

    #[test]
    fn a_token_lasts_a_year_at_most() {
        let days = |days: &str| {
            Cli::try_parse_from([
                "wutong", "token", "create", "--login", "a", "--name", "b", "--days", days,
            ])
        };
        assert!(days("90").is_ok() && days("365").is_ok());
        assert!(days("366").is_err());
        assert!(days("0").is_err());
        assert!(days("9223372036854775807").is_err());
    }

    #[test]
    fn the_language_is_the_program_s_own_variable_before_the_system_s() {
        assert_eq!(locale_of(None, Some("zh_CN.UTF-8")), Locale::ZhCn);
        assert_eq!(locale_of(Some("en"), Some("zh_CN.UTF-8")), Locale::En);
        assert_eq!(locale_of(Some(""), Some("zh_CN.UTF-8")), Locale::ZhCn);
        assert_eq!(locale_of(None, None), Locale::En);
    }

    #[test]
    fn a_full_disk_is_found_anywhere_in_the_chain() {
        let full = anyhow::Error::from(io::Error::from_raw_os_error(28)).context("writing");
        assert!(error_sentence(&full).starts_with("the disk is full"));
        let words = anyhow::Error::from(ServiceError::Search(SearchError {
            engine: "embedded",
            problem: EngineProblem::Other {
                detail: "No space left on device (os error 28)".to_owned(),
            },
        }));
        assert!(error_sentence(&words).starts_with("the disk is full"));
        let sqlite = anyhow!("error returned from database: (code: 13) database or disk is full");
        assert!(error_sentence(&sqlite).starts_with("the disk is full"));
    }

    #[test]
    fn causes_are_told_once_and_on_one_line() {
        let error = anyhow!("refused\nby the server")
            .context("no answer: refused by the server")
            .context("opening");
        assert_eq!(
            error_sentence(&error),
            "opening: no answer: refused by the server"
        );
    }

    #[test]
    fn a_missing_file_and_a_folder_are_said() {
        let too_large = || Problem::TooLarge { limit_bytes: 1 };
        let folder = tempfile::tempdir().unwrap();
        let missing = read_file(&folder.path().join("none.csv"), 1, too_large).unwrap_err();
        assert!(
            missing.to_string().starts_with("there is no file "),
            "{missing}"
        );
        let wrong = read_file(folder.path(), 1, too_large).unwrap_err();
        assert!(
            wrong
                .to_string()
                .ends_with("is a folder; name a file in it"),
            "{wrong}"
        );
        let large = folder.path().join("large.csv");
        std::fs::write(&large, "ab").unwrap();
        let refused = read_file(&large, 1, too_large).unwrap_err();
        assert!(refused.downcast_ref::<ServiceError>().is_some());
    }

    #[test]
    fn a_password_is_one_line_of_standard_input() {
        assert_eq!(first_line(&mut "a b \r\nrest".as_bytes()).unwrap(), "a b ");
        assert!(first_line(&mut "\n".as_bytes()).is_err());
    }

    #[tokio::test]
    async fn a_taken_address_is_said() {
        let held = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = held.local_addr().unwrap();
        let error = tokio::net::TcpListener::bind(address).await.unwrap_err();
        assert_eq!(
            address_sentence(address, &error),
            format!("the address {address} is taken: stop the other program or set WUTONG_ADDR")
        );
    }
}
