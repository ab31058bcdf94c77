-- One row: counters of everything, and the lock under which commits are made.
CREATE TABLE idmock_state (
  id BIGINT PRIMARY KEY,
  head BIGINT NOT NULL,
  oldest BIGINT NOT NULL,
  entry_bytes BIGINT NOT NULL,
  evicted BIGINT NOT NULL,
  docs BIGINT NOT NULL,
  done_docs BIGINT NOT NULL,
  done_bytes BIGINT NOT NULL,
  docs_evicted BIGINT NOT NULL,
  finishes BIGINT NOT NULL,
  jobs BIGINT NOT NULL,
  held_jobs BIGINT NOT NULL,
  live_bytes BIGINT NOT NULL,
  orders BIGINT NOT NULL
);
INSERT INTO idmock_state VALUES (1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE idmock_docs (
  key $bytes PRIMARY KEY,
  rev BIGINT NOT NULL,
  data $bytes NOT NULL,
  done BIGINT NOT NULL,
  keepers BIGINT NOT NULL,
  waits BIGINT NOT NULL
);
CREATE INDEX idmock_docs_done ON idmock_docs (done) WHERE done > 0;

CREATE TABLE idmock_jobs (
  ord $serial PRIMARY KEY,
  id $bytes NOT NULL UNIQUE,
  account $bytes NOT NULL,
  lane $bytes NOT NULL,
  hold $bytes NOT NULL,
  due BIGINT NOT NULL,
  lease BIGINT NOT NULL,
  claims BIGINT NOT NULL,
  ready BIGINT NOT NULL,
  keeps $bytes NOT NULL,
  payload $bytes NOT NULL
);
CREATE INDEX idmock_jobs_account ON idmock_jobs (account, ord);
CREATE INDEX idmock_jobs_ready ON idmock_jobs (account, due, ord) WHERE ready = 1;
CREATE INDEX idmock_jobs_lane ON idmock_jobs (account, lane, due, ord) WHERE lane <> $empty AND hold = $empty;
CREATE INDEX idmock_jobs_hold ON idmock_jobs (account, hold, due, ord) WHERE hold <> $empty;
CREATE INDEX idmock_jobs_lease ON idmock_jobs (lease) WHERE lease > 0;

CREATE TABLE idmock_entries (
  seq $serial PRIMARY KEY,
  at BIGINT NOT NULL,
  wall BIGINT NOT NULL,
  account $bytes NOT NULL,
  kind $bytes NOT NULL,
  ref $bytes NOT NULL,
  data $bytes NOT NULL
);
CREATE INDEX idmock_entries_account ON idmock_entries (account, seq);
CREATE INDEX idmock_entries_ref ON idmock_entries (account, ref, seq) WHERE ref <> $empty;

-- Accounts with jobs or evicted entries.
CREATE TABLE idmock_accounts (
  account $bytes PRIMARY KEY,
  pending BIGINT NOT NULL,
  held BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  missed BIGINT NOT NULL
);
CREATE INDEX idmock_accounts_pending ON idmock_accounts (account) WHERE pending > 0;
