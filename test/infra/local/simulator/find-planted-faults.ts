import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import { firstSeed, PLANTED_FAULTS } from './planted-faults.ts';

/**
 * `npx tsx test/infra/local/simulator/find-planted-faults.ts [words of a fault]`: prints the first seed whose day finds
 * each planted fault. To be run, and its seeds to be taken over, when days are drawn in another way.
 */
async function main(words: string): Promise<void> {
  const deployment = await readMemoryDeployment();
  for (const fault of PLANTED_FAULTS.filter(({ without }) => without.includes(words))) {
    const seed = await firstSeed(fault, deployment);
    process.stdout.write(`without ${fault.without}: ${fault.invariant} on seed ${seed ?? 'none'}\n`);
  }
}

await main(process.argv[2] ?? '');
