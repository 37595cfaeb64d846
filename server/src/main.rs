//! `wutong`: the server and the command line in one program.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, anyhow};
use clap::Parser;
use server::{
    cli::{self, Cli, Command},
    config::{self, Config, Surroundings},
    log,
    mail::Mailer,
    notice_hub::NoticeHub,
    router, worker,
};
use tokio::{net::TcpListener, sync::watch};

/// Time for requests and work at hand to end after a signal. A service manager kills after ten seconds
/// or more; an import that is cut off goes on at the next start.
const GRACE: Duration = Duration::from_secs(8);

fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start(match cli.command {
        Command::Serve(_) => log::SERVER_FILTER,
        _ => log::COMMAND_FILTER,
    });
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives the program no threads")
        .and_then(|runtime| {
            let result = runtime.block_on(run(cli));
            // What is cut off at the end of the grace must not hold the program up any longer.
            runtime.shutdown_timeout(Duration::from_secs(1));
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::tell(&format!("wutong: {}", cli::error_sentence(&error)));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let config = Config::load(cli.config.as_deref(), &Surroundings::of_process())?;
    match cli.command {
        Command::Serve(arguments) => serve(&config, arguments.demo).await,
        command => cli::run(command, &config).await,
    }
}

async fn serve(config: &Config, demo: bool) -> anyhow::Result<()> {
    // Before the slow work, so that a taken address is told at once.
    let listener = TcpListener::bind(config.address)
        .await
        .map_err(|error| anyhow!(cli::address_sentence(config.address, &error)))?;
    let address = listener.local_addr()?;
    // From here on, so that a signal during the slow work is not lost on the way.
    let signal = stop_signal()?;
    tokio::pin!(signal);
    cli::tell(&format!("database: {}", config.database_shown()));
    let hub = NoticeHub::default();
    let mailer = config.smtp.as_ref().map(Mailer::new).transpose()?;
    let prepare = async {
        let service = config::open_service(config).await?;
        if demo {
            cli::load_demo(&service).await?;
        }
        cli::tell(&format!("search: {}", service.search().name()));
        let router = router::build(service.clone(), config, hub.clone())?;
        anyhow::Ok((service, router))
    };
    let (service, router) = tokio::select! {
        prepared = prepare => prepared?,
        () = &mut signal => return Ok(()),
    };
    let (stop, stopped) = watch::channel(false);
    let mut working = tokio::spawn(worker::run(service.clone(), mailer, stopped.clone()));
    let mut closing = stopped;
    let mut serving = tokio::spawn(
        axum::serve(
            listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(async move {
            let _ = closing.wait_for(|stop| *stop).await;
        })
        .into_future(),
    );
    if service.is_demo().await? {
        cli::say(&cli::demo_table()?)?;
    } else if service.has_no_account().await? {
        cli::say(
            "nobody can sign in yet: wutong user add --login admin --name NAME --role administrator",
        )?;
    }
    cli::say(&format!("Wutong listens at http://{}", reachable(address)))?;
    tokio::select! {
        () = &mut signal => {}
        ended = &mut serving => {
            ended.context("the server broke off")??;
        }
    }
    tracing::info!("stopping");
    let _ = stop.send(true);
    hub.stop();
    let ended = tokio::time::timeout(GRACE, async {
        if !serving.is_finished() {
            let _ = (&mut serving).await;
        }
        let _ = (&mut working).await;
    })
    .await;
    if ended.is_err() {
        tracing::warn!("work at hand is cut off; an import goes on at the next start");
        serving.abort();
        working.abort();
    } else if let Err(error) = service.database().clone().close().await {
        tracing::warn!(%error, "the database was not closed in order");
    }
    Ok(())
}

/// An address that a browser on this machine can open: 0.0.0.0 means all of them and is none itself.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let own = if address.is_ipv4() {
        std::net::Ipv4Addr::LOCALHOST.into()
    } else {
        std::net::Ipv6Addr::LOCALHOST.into()
    };
    SocketAddr::new(own, address.port())
}

/// Done when the program is asked to end. It listens from the call on, not from the first poll.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    const SAID: &str = "the system gives the program no signals";
    let mut interrupt = signal(SignalKind::interrupt()).context(SAID)?;
    let mut terminate = signal(SignalKind::terminate()).context(SAID)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
