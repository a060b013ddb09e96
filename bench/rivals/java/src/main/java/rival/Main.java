// The same work through the AWS SDK for Java v2's asynchronous client: as many futures as shall be in flight, one JSON
// line at the end. "netty" and "crt" raise the connections to that number, as the SDK's guide says; "default" is the
// client that comes first on the class path, with its 50 connections. The CRT client takes no authority of ours: it
// trusts every certificate here, which spares it a check the others make.
package rival;

import com.sun.management.OperatingSystemMXBean;
import java.io.FileInputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.InvokeRequest;
import software.amazon.awssdk.utils.AttributeMap;

public final class Main {
    private final Map<String, String> given = new HashMap<>();
    private final int inFlight;
    private final LambdaAsyncClient client;
    private final InvokeRequest request;
    private final Phaser workers = new Phaser(1);
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final double[] latencies = new double[4_000_000];
    private volatile boolean measuring;
    private volatile boolean stopped;

    private Main(String[] words) throws Exception {
        for (int i = 0; i < words.length; i++) {
            String name = words[i].substring(2);
            given.put(name, name.equals("once") ? "" : words[++i]);
        }
        inFlight = (int) number("in-flight", 64);
        client = LambdaAsyncClient.builder()
            .region(Region.EU_WEST_1)
            .endpointOverride(URI.create(text("endpoint", "https://127.0.0.1:9444")))
            .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"))))
            .httpClient(httpClient())
            .build();
        int filling = Math.max(0, (int) number("payload-size", 256) - 11);
        request = InvokeRequest.builder().functionName("bench")
            .payload(SdkBytes.fromUtf8String("{\"data\":\"" + "x".repeat(filling) + "\"}")).build();
    }

    private String text(String name, String otherwise) {
        return given.getOrDefault(name, otherwise);
    }

    private double number(String name, double otherwise) {
        return given.containsKey(name) ? Double.parseDouble(given.get(name)) : otherwise;
    }

    private SdkAsyncHttpClient httpClient() throws Exception {
        if (text("variant", "netty").equals("crt")) {
            return AwsCrtAsyncHttpClient.builder().maxConcurrency(inFlight).buildWithDefaults(
                AttributeMap.builder().put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true).build());
        }
        NettyNioAsyncHttpClient.Builder netty = NettyNioAsyncHttpClient.builder();
        if (text("variant", "netty").equals("netty")) {
            netty.maxConcurrency(inFlight);
        }
        if (!text("ca-file", "").isEmpty()) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            try (FileInputStream pem = new FileInputStream(text("ca-file", ""))) {
                store.setCertificateEntry("bench", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            }
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(store);
            netty.tlsTrustManagersProvider(trusted::getTrustManagers);
        }
        return netty.build();
    }

    private void invoke() {
        long begun = System.nanoTime();
        client.invoke(request).whenComplete((reply, problem) -> {
            if (measuring && problem != null) {
                errors.incrementAndGet();
            } else if (measuring) {
                int at = count.getAndIncrement();
                if (at < latencies.length) {
                    latencies[at] = (System.nanoTime() - begun) / 1e3;
                }
            }
            if (stopped) {
                workers.arriveAndDeregister();
            } else {
                invoke();
            }
        });
    }

    private static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    private static double peakMegabytes() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        return 0;
    }

    private double quantile(double q, int found) {
        return found == 0 ? 0 : latencies[Math.min(found - 1, (int) (q * found))];
    }

    private void measure() throws Exception {
        for (int i = 0; i < inFlight; i++) {
            workers.register();
            invoke();
        }
        Thread.sleep((long) (number("warmup", 1) * 1e3));
        double cpu = cpuSeconds();
        long begun = System.nanoTime();
        measuring = true;
        Thread.sleep((long) (number("duration", 5) * 1e3));
        measuring = false;
        double seconds = (System.nanoTime() - begun) / 1e9;
        cpu = cpuSeconds() - cpu;
        stopped = true;
        workers.arriveAndAwaitAdvance();
        int requests = count.get();
        int found = Math.min(requests, latencies.length);
        Arrays.sort(latencies, 0, found);
        System.out.printf(Locale.ROOT, "{\"name\":\"java-sdk-%s\",\"version\":\"%s, Java %s\",\"requests\":%d,\"seconds\":%.6f,"
            + "\"errors\":%d,\"cpu_us_per_request\":%.3f,\"rss_mb\":%.1f,\"latency_us\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,"
            + "\"p999\":%.1f,\"max\":%.1f}}%n", text("variant", "netty"), VersionInfo.SDK_VERSION,
            System.getProperty("java.version"), requests, seconds, errors.get(), cpu * 1e6 / Math.max(1, requests),
            peakMegabytes(), quantile(0.5, found), quantile(0.9, found), quantile(0.99, found), quantile(0.999, found),
            quantile(1, found));
    }

    public static void main(String[] words) throws Exception {
        Main main = new Main(words);
        if (main.given.containsKey("once")) {
            System.out.println(main.client.invoke(main.request).get().payload().asUtf8String());
        } else {
            main.measure();
        }
        System.exit(0);
    }
}
