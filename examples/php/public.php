<?php

// The route of the app, for php -S.
declare(strict_types=1);

require __DIR__ . '/WebhookController.php';

$controller = new WebhookController((string) getenv('IDENTITYPASS_PUBLIC_KEY'), (string) getenv('QUEUE'));
http_response_code($controller(array_change_key_case(getallheaders()), (string) file_get_contents('php://input')));
