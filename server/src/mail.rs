//! Sending mail by SMTP. Without a configured server there is none of this, and no connection is made.

use std::time::Duration;

use anyhow::Context;
use app::notice::{digest_letter, urgent_letter};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header::HeaderName, header::HeaderValue},
};
use service::{Service, ServiceError, ServiceResult, mail::OutgoingMail};

use crate::config::Smtp;

/// A server that does not answer is let go after this, well within the lease of the mail.
const PATIENCE: Duration = Duration::from_secs(30);
/// Mails sent in one round.
const MAILS: usize = 100;

/// The way to the mail server.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The program's address, without a slash at its end.
    public_url: String,
}

/// Why a mail did not go out.
struct Failure {
    sentence: String,
    /// The server will never take it.
    for_good: bool,
}

impl Mailer {
    /// Sets the way up. No connection is made.
    ///
    /// # Errors
    /// The settings are not what they were when they were checked.
    pub fn new(smtp: &Smtp) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&smtp.url)
            .map_err(|_| anyhow::anyhow!("WUTONG_SMTP_URL cannot be read"))?
            .timeout(Some(PATIENCE))
            .build();
        let from = smtp
            .from
            .parse()
            .with_context(|| format!("WUTONG_MAIL_FROM is \"{}\"", smtp.from))?;
        Ok(Self {
            transport,
            from,
            public_url: smtp.public_url.clone(),
        })
    }

    /// One round: letters that are due are written and queued, and what is queued is sent. Returns how many mails went
    /// out.
    ///
    /// # Errors
    /// The database does not answer. What the mail server says is kept with the mail.
    pub async fn round(&self, service: &Service) -> ServiceResult<u32> {
        for digest in service.digests_due().await? {
            let letter = digest_letter(&digest, &self.public_url);
            service
                .queue_digest(&digest.to, digest.today.date, letter)
                .await?;
        }
        for urgent in service.urgent_due().await? {
            let letter = urgent_letter(&urgent, &self.public_url);
            service.queue_urgent(&urgent, letter).await?;
        }
        let mut sent = 0;
        for _ in 0..MAILS {
            let Some(mail) = service.lease_mail().await? else {
                break;
            };
            match self.send(&mail).await {
                Ok(()) => {
                    service.mail_sent(mail.id).await?;
                    sent += 1;
                }
                Err(failure) => {
                    let given_up = service
                        .mail_failed(&mail, &failure.sentence, failure.for_good)
                        .await?;
                    // The address is the person's business: the log names the row.
                    let (mail, attempts, error) = (mail.id, mail.attempts, &failure.sentence);
                    if given_up {
                        tracing::error!(mail, attempts, %error, "a mail is given up");
                    } else {
                        tracing::warn!(mail, attempts, %error, "a mail did not go out, tried again later");
                    }
                }
            }
        }
        Ok(sent)
    }

    async fn send(&self, mail: &OutgoingMail) -> Result<(), Failure> {
        let message = self.message(mail).map_err(|error| Failure {
            sentence: error.to_string(),
            for_good: true,
        })?;
        self.transport
            .send(message)
            .await
            .map(|_| ())
            .map_err(|error| Failure {
                sentence: error.to_string(),
                for_good: error.is_permanent(),
            })
    }

    fn message(&self, mail: &OutgoingMail) -> Result<Message, ServiceError> {
        let failed = |error: &dyn std::fmt::Display| ServiceError::Internal(error.to_string());
        let to: Mailbox = mail.recipient.parse().map_err(|error| failed(&error))?;
        // The same at each attempt: what arrives twice after all is known to be one.
        let id = format!("<mail-{}@{}>", mail.id, self.from.email.domain());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.letter.subject.clone())
            .message_id(Some(id))
            .multipart(MultiPart::alternative_plain_html(
                mail.letter.text.clone(),
                mail.letter.html.clone(),
            ))
            .map_err(|error| failed(&error))?;
        // No holiday answers, please (RFC 3834).
        message.headers_mut().insert_raw(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
        Ok(message)
    }
}
