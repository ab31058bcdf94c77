<?php

// A check is pending, is confirmed thirty seconds later, and a forged webhook is rejected before the true one is accepted.
declare(strict_types=1);

$server = getenv('IDMOCK') ?: 'http://127.0.0.1:8080';
$key = 'php-' . uniqid(); // the key is the account

function post(string $url, array $body, string $key): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST', 'content' => json_encode($body), 'ignore_errors' => true,
        'header' => "content-type: application/json\r\nx-api-key: $key",
    ]]);

    return json_decode((string) file_get_contents($url, false, $context), true) ?? [];
}

// clock/advance returns once every due webhook was delivered or has failed.
$control = fn (string $path, array $body) => post("$server/_idmock/v1/$path?account=$key", $body, $key);

function check(bool $condition, string $message): void
{
    if (!$condition) {
        fwrite(STDERR, "FAIL: $message\n");
        exit(1);
    }
}

// The app runs beside the test, with the key that idmock signs with.
$control('clock', ['frozen' => true]);
$environment = json_decode((string) file_get_contents("$server/_idmock/v1/providers/identitypass/env?account=$key"), true);
$publicKey = array_column($environment['variables'], 'value', 'name')['IDENTITYPASS_PUBLIC_KEY'];
$queue = (string) tempnam(sys_get_temp_dir(), 'jobs');
$free = stream_socket_server('tcp://127.0.0.1:0');
$app = stream_socket_get_name($free, false);
fclose($free);
$process = proc_open(['php', '-S', $app, __DIR__ . '/public.php'], [2 => ['file', '/dev/null', 'w']], $pipes, null,
    ['IDENTITYPASS_PUBLIC_KEY' => $publicKey, 'QUEUE' => $queue] + getenv());
register_shutdown_function(function () use ($process, $queue): void {
    proc_terminate($process);
    unlink($queue);
});
for ($i = 0; $i < 250 && !@stream_socket_client("tcp://$app"); $i++) {
    usleep(20_000);
}

$control('endpoints', ['provider' => 'identitypass', 'url' => "http://$app/webhooks"]);
$control('faults', ['fault' => 'wrong-secret', 'times' => 1]);
for ($i = 0; $i < 2; $i++) { // the first is forged
    $pending = post("$server/identitypass/api/v2/biometrics/merchant/data/verification/bvn", ['number' => '22222222222'], $key);
    check($pending['response_code'] === '02', json_encode($pending));
    $control('clock/advance', ['by' => '30s']);
}
$jobs = array_map(fn ($line) => json_decode($line, true), file($queue));
check(count($jobs) === 1, 'jobs: ' . json_encode($jobs));
check($jobs[0] === ['reference' => $pending['verification']['reference'], 'code' => '00'], json_encode($jobs));
echo "passed\n";
