<?php

declare(strict_types=1);

/** A controller as in Laravel: it verifies the sender, responds, and hands the work to a job. */
final class WebhookController
{
    public function __construct(private string $publicKey, private string $queue) {}

    /** @param array<string, string> $headers */
    public function __invoke(array $headers, string $body): int
    {
        if (!hash_equals(base64_encode($this->publicKey), $headers['x-identitypass-signature'] ?? '')) {
            return 401; // before the body of an unknown sender is parsed
        }
        $event = json_decode($body, true);
        if (!is_array($event) || !isset($event['data']['response_code'])) {
            return 400;
        }
        $job = ['reference' => $headers['token'] ?? '', 'code' => $event['data']['response_code']];
        file_put_contents($this->queue, json_encode($job) . "\n", FILE_APPEND | LOCK_EX);

        return 200;
    }
}
