import type { trust as english } from '../en/trust';
import type { Translated } from '../translated';

export const trust: Translated<typeof english> = {
  legacy: {
    title: '无法证明此备份由谁制作',
    text: '它没有签名：可能由旧版本制作，或签名已被去除。',
  },
  foreign: {
    title: '此备份来自其他安装',
    text: '它的签名不属于本机：它在另一台机器上制作，或在制作之后被改动过。',
  },
  meaning:
    '备份中的内容会成为您的助手的一部分：指令、技能和密钥。只有在清楚来源时才应信任它。信任之后，它会用本机的密钥重新签名；除非您另有选择，其中的安全与 MCP 设置不会被采用。',
  vouch: '我清楚此备份的来源，并且信任它',
  accept: '信任并继续',
};
